package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

type journalConn = *net.UnixConn

// Deliver sends items one after the other.
func (j *Journal) Deliver(_ context.Context, items []Item) ([]Outcome, error) {
	if j.conn == nil {
		conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: j.opts.Socket, Net: "unixgram"})
		if err != nil {
			return nil, fmt.Errorf("connect to the journal: %w", err)
		}
		j.conn = conn
	}
	var outcomes []Outcome
	for i := range items {
		entry, err := j.entry(&items[i])
		if err != nil {
			outcomes = append(outcomes, Outcome{Refused, err.Error()})
			continue
		}
		if err := j.send(entry); err != nil {
			_ = j.Close()
			return outcomes, fmt.Errorf("send to the journal: %w", err)
		}
		outcomes = append(outcomes, Outcome{Verdict: Taken})
	}
	return outcomes, nil
}

func (j *Journal) send(entry []byte) error {
	if err := j.conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	_, err := j.conn.Write(entry)
	if !errors.Is(err, syscall.EMSGSIZE) && !errors.Is(err, syscall.ENOBUFS) {
		return err
	}
	fd, err := unix.MemfdCreate("tripline-alert", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("make a file in memory: %w", err)
	}
	file := os.NewFile(uintptr(fd), "tripline-alert")
	defer file.Close()
	if _, err := file.Write(entry); err != nil {
		return err
	}
	// The journal takes only files that can not change under its eyes.
	if _, err := unix.FcntlInt(file.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE|unix.F_SEAL_SEAL); err != nil {
		return fmt.Errorf("seal a file in memory: %w", err)
	}
	raw, err := j.conn.SyscallConn() // net sends no rights over a connected datagram socket
	if err != nil {
		return err
	}
	var sent error
	rights := unix.UnixRights(int(file.Fd()))
	if err := raw.Write(func(fd uintptr) bool {
		sent = unix.Sendmsg(int(fd), nil, rights, nil, 0)
		return !errors.Is(sent, unix.EAGAIN)
	}); err != nil {
		return err
	}
	return sent
}

// Close ends the connection.
func (j *Journal) Close() error {
	if j.conn == nil {
		return nil
	}
	err := j.conn.Close()
	j.conn = nil
	return err
}
