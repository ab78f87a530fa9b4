package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// maxSocketPath is what the address of a Unix socket holds.
const maxSocketPath = 103 // on macOS; Linux has four more

// listenUnix makes a socket that only its owner can open. It is made in a folder
// that nobody else can enter, and gets its name when it has its mode: there is no
// moment at which others could connect.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if err := notTaken(path); err != nil {
		return nil, err
	}
	private, err := os.MkdirTemp(filepath.Dir(path), ".tl")
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	defer os.RemoveAll(private)
	made := filepath.Join(private, "s")
	if len(made) > maxSocketPath || len(path) > maxSocketPath {
		return nil, hinted("choose a shorter one with --socket", "listen on %s: the path of a Unix socket has at most %d bytes", path, maxSocketPath)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", made)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if unix, ok := listener.(*net.UnixListener); ok {
		unix.SetUnlinkOnClose(false) // by the name that it was made with
	}
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	return &socket{Listener: listener, path: path}, nil
}

// notTaken leaves alone what is no socket, and a socket that somebody listens on.
// One that was left behind by a process that was killed is replaced.
func notTaken(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("listen on %s: %w", path, err)
	case info.Mode()&os.ModeSocket == 0:
		return hinted("choose another path with --socket", "listen on %s: there is a file that is no socket", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		_ = conn.Close()
		return hinted("stop it, or give another folder with --data", "listen on %s: another process listens there", path)
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("listen on %s: %w", path, err)
}

// socket removes its file when it is closed.
type socket struct {
	net.Listener
	path string
	once sync.Once
}

func (l *socket) Close() error {
	err := l.Listener.Close()
	l.once.Do(func() { _ = os.Remove(l.path) })
	return err
}

// Addr returns the name that clients use.
func (l *socket) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }
