// Command app is a service for the tests of deploys: it behaves as its environment says.
//
//	RELEASE                          what it answers, as the header x-release and as body
//	PORT                             default 8080; 0: any that is free
//	START_MS                         it listens only after that
//	HEALTH                           status of /api/healthchecker, default 200
//	HEALTH_AFTER_MS, HEALTH_THEN     from then on, counted from its start, that status
//	HANG=1                           /api/healthchecker never answers
//	EXIT_AFTER_MS, EXIT_CODE         its main process ends
//	MEMORY_MB, MEMORY_AFTER_MS       so much memory is taken and touched
//	ERROR_PART                       0 to 1: the part of ordinary requests that is answered 500
//	ON_TERM=ignore                   SIGTERM does nothing
//	DRAIN_MS                         for so long after SIGTERM it serves as before
//
// At SIGTERM it closes its listener, answers the requests under way, tells websockets that it goes (1001), and ends.
// `app health` asks a service on PORT for its health, as a HEALTHCHECK does: exit code 0 or 1.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

var started = time.Now()

// taken is what takeMemory has taken, for good.
var taken []byte

func main() {
	port := number("PORT", 8080)
	if len(os.Args) > 1 && os.Args[1] == "health" {
		os.Exit(askHealth(port))
	}
	terminated := make(chan os.Signal, 1)
	if os.Getenv("ON_TERM") == "ignore" {
		signal.Ignore(syscall.SIGTERM)
	} else {
		signal.Notify(terminated, syscall.SIGTERM)
	}
	after("EXIT_AFTER_MS", func() { os.Exit(number("EXIT_CODE", 0)) })
	takeMemory()
	// SIGTERM ends one that does not listen yet, too.
	select {
	case <-time.After(milliseconds("START_MS")):
	case <-terminated:
		return
	}

	listener, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sockets := &websockets{}
	server := &http.Server{Handler: pages(sockets)}
	go server.Serve(listener)
	bound := listener.Addr().(*net.TCPAddr).Port
	fmt.Printf("release %s listens on port %d\n", os.Getenv("RELEASE"), bound)

	<-terminated
	time.Sleep(milliseconds("DRAIN_MS"))
	_ = server.Shutdown(context.Background())
	sockets.closeAll()
}

func askHealth(port int) int {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/api/healthchecker", port))
	if err != nil || answer.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, "not healthy:", err)
		return 1
	}
	return 0
}

// takeMemory takes it a page after the other, so that the kernel has to give it.
func takeMemory() {
	megabytes := number("MEMORY_MB", 0)
	if megabytes == 0 {
		return
	}
	time.AfterFunc(milliseconds("MEMORY_AFTER_MS"), func() {
		taken = make([]byte, megabytes<<20)
		for at := 0; at < len(taken); at += os.Getpagesize() {
			taken[at] = 1
		}
		fmt.Printf("took %d MB\n", megabytes)
	})
}

// after calls then so long after the start as the variable says, and never where it says nothing.
func after(name string, then func()) {
	if os.Getenv(name) != "" {
		time.AfterFunc(milliseconds(name), then)
	}
}

func milliseconds(name string) time.Duration {
	return time.Duration(number(name, 0)) * time.Millisecond
}

func number(name string, otherwise int) int {
	return parsed(name, otherwise, strconv.Atoi)
}

func part(name string) float64 {
	return parsed(name, 0, func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
}

// parsed ends the program where the variable cannot be read: a typing error in a test must not pass for good behaviour.
func parsed[T any](name string, otherwise T, parse func(string) (T, error)) T {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	value, err := parse(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, name, err)
		os.Exit(2)
	}
	return value
}
