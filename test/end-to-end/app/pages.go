package main

import (
	"encoding/json"
	"io"
	"math/rand"
	"net/http"
	"os"
	"strings"
	"time"
)

func pages(sockets *websockets) http.Handler {
	// Before Go 1.20 each process draws the same numbers otherwise.
	rand.Seed(time.Now().UnixNano())
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		ordinary(w, r)
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(500 * time.Millisecond)
		ordinary(w, r)
	})
	mux.HandleFunc("/api/healthchecker", health)
	mux.HandleFunc("/ws", sockets.serve)
	mux.HandleFunc("/env/", func(w http.ResponseWriter, r *http.Request) {
		value, isSet := os.LookupEnv(strings.TrimPrefix(r.URL.Path, "/env/"))
		if !isSet {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(value)
	})
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		content, err := os.ReadFile(r.URL.Query().Get("path"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(content)
	})
	release := os.Getenv("RELEASE")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Release", release)
		mux.ServeHTTP(w, r)
	})
}

// ordinary answers any method, once it has read the body.
func ordinary(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if rand.Float64() < part("ERROR_PART") {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = io.WriteString(w, os.Getenv("RELEASE")+"\n")
}

func health(w http.ResponseWriter, r *http.Request) {
	if os.Getenv("HANG") == "1" {
		<-r.Context().Done()
		return
	}
	status := number("HEALTH", http.StatusOK)
	if os.Getenv("HEALTH_AFTER_MS") != "" && time.Since(started) >= milliseconds("HEALTH_AFTER_MS") {
		status = number("HEALTH_THEN", status)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, http.StatusText(status)+"\n")
}
