package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Of RFC 6455, 5.2 and 7.4.1.
const (
	opClose   = 8
	opPing    = 9
	opPong    = 10
	goingAway = 1001
	longest   = 1 << 20
)

// websockets are those that are open.
type websockets struct {
	mutex sync.Mutex
	open  map[*websocket]struct{}
}

type websocket struct {
	connection net.Conn
	writing    sync.Mutex
	// hasClosed: our close is out, and nothing may follow it.
	hasClosed bool
}

// serve shakes hands and echoes until either side closes.
func (all *websockets) serve(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if key == "" {
		http.Error(w, "a websocket is wanted here", http.StatusUpgradeRequired)
		return
	}
	connection, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\nX-Release: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]), w.Header().Get("X-Release"))
	socket := &websocket{connection: connection}
	all.add(socket)
	defer all.remove(socket)
	socket.echo(buffered.Reader)
}

func (all *websockets) add(socket *websocket) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	if all.open == nil {
		all.open = map[*websocket]struct{}{}
	}
	all.open[socket] = struct{}{}
}

func (all *websockets) remove(socket *websocket) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	delete(all.open, socket)
}

// closeAll says goodbye, and waits half a second for the answers.
func (all *websockets) closeAll() {
	all.mutex.Lock()
	for socket := range all.open {
		socket.write(opClose, []byte{goingAway >> 8, goingAway & 0xff})
	}
	all.mutex.Unlock()
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		all.mutex.Lock()
		left := len(all.open)
		all.mutex.Unlock()
		if left == 0 {
			return
		}
	}
}

func (socket *websocket) echo(reader *bufio.Reader) {
	for {
		opcode, payload, err := readFrame(reader)
		if err != nil {
			return
		}
		switch opcode {
		case opPong:
		case opPing:
			socket.write(opPong, payload)
		case opClose:
			socket.write(opClose, payload)
			return
		default:
			socket.write(opcode, payload)
		}
	}
}

// readFrame reads one of a client: masked, and a whole message, as those of the tests are.
func readFrame(reader *bufio.Reader) (byte, []byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(reader, head); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if length > 125 {
		more := make([]byte, 8)
		size := map[uint64]int{126: 2, 127: 8}[length]
		if _, err := io.ReadFull(reader, more[8-size:]); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(more)
	}
	if head[1]&0x80 == 0 || length > longest {
		return 0, nil, errors.New("not masked, or too long")
	}
	body := make([]byte, 4+length)
	if _, err := io.ReadFull(reader, body); err != nil {
		return 0, nil, err
	}
	mask, payload := body[:4], body[4:]
	for n := range payload {
		payload[n] ^= mask[n%4]
	}
	return head[0] & 0x0f, payload, nil
}

func (socket *websocket) write(opcode byte, payload []byte) {
	frame := []byte{0x80 | opcode}
	switch length := len(payload); {
	case length < 126:
		frame = append(frame, byte(length))
	case length < 1<<16:
		frame = append(frame, 126, byte(length>>8), byte(length))
	default:
		size := make([]byte, 8)
		binary.BigEndian.PutUint64(size, uint64(length))
		frame = append(append(frame, 127), size...)
	}
	socket.writing.Lock()
	defer socket.writing.Unlock()
	if socket.hasClosed {
		return
	}
	socket.hasClosed = opcode == opClose
	_ = socket.connection.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = socket.connection.Write(append(frame, payload...))
}
