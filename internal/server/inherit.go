package server

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// firstInherited is the first of the file descriptors that systemd hands over.
const firstInherited = 3

// Inherited returns the listeners that systemd (or who does as it does) opened for
// this process: for Listen.Inherited. With them nobody is refused while the daemon is
// started again, which clients that try a refused connection only some times at once
// would lose documents by: they wait in the system's queue. It may be asked once.
func Inherited(getenv func(string) string) ([]net.Listener, error) {
	pid, _ := strconv.Atoi(getenv("LISTEN_PID"))
	count, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || pid != os.Getpid() {
		return nil, nil // they are for another process, or there are none
	}
	var all []net.Listener
	for fd := firstInherited; fd < firstInherited+count; fd++ {
		file := os.NewFile(uintptr(fd), "LISTEN_FD_"+strconv.Itoa(fd))
		listener, err := net.FileListener(file)
		_ = file.Close() // the listener has one of its own
		if err != nil {
			return nil, fmt.Errorf("take over listener %d: %w", fd, err)
		}
		all = append(all, listener)
	}
	return all, nil
}

// adopt holds a listener that others opened to the rules of those that are opened here.
func (d *doors) adopt(listener net.Listener, c *crowd) error {
	switch at := listener.Addr().(type) {
	case *net.TCPAddr:
		if d.cert == nil && !at.IP.IsLoopback() {
			return hinted("give --tls-cert and --tls-key, or let it be ListenStream=127.0.0.1:9200",
				"take over %s: this address is reached from other machines, and there is no TLS", at)
		}
		d.tcp = append(d.tcp, d.secured(c.guard(listener)))
	case *net.UnixAddr:
		info, err := os.Stat(at.Name)
		if err != nil {
			return fmt.Errorf("take over %s: %w", at, err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			return hinted("set SocketMode=0600: who can open it needs no key", "take over %s: others than its owner can open it", at)
		}
		d.sockets = append(d.sockets, c.guard(listener))
	default:
		return fmt.Errorf("take over %s: neither TCP nor a Unix socket", at)
	}
	return nil
}
