package daemontest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const command = "github.com/tripline-sec/tripline/cmd/tripline"

// Build builds the command into a folder and returns its path.
func Build(dir string) (string, error) {
	binary := filepath.Join(dir, "tripline")
	out, err := exec.Command("go", "build", "-o", binary, command).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build tripline: %w\n%s", err, out)
	}
	return binary, nil
}

// Options say what to start.
type Options struct {
	Binary string
	Data   string   // the data folder; the Unix socket is in it
	Args   []string // more, behind `run --data DATA`
	Env    []string // more than that of this process

	Out func(at time.Time, line []byte) // called with each line of standard output; nil: they are dropped
	Log io.Writer                       // takes standard error; nil: it is dropped
}

// Process is a daemon that was started.
type Process struct {
	Client *Client

	cmd  *exec.Cmd
	read sync.WaitGroup
	end  func() error // waits for the end, once
}

// Start starts a daemon. It does not wait for it: see Ready.
func Start(opts Options) (*Process, error) {
	args := append([]string{"run", "--data", opts.Data}, opts.Args...)
	p := &Process{cmd: exec.Command(opts.Binary, args...), Client: NewClient(filepath.Join(opts.Data, "tripline.sock"))} //nolint:gosec // what was built here
	p.cmd.Env = append(os.Environ(), opts.Env...)
	p.cmd.Stderr = opts.Log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start daemon: %w", err)
	}
	p.read.Go(func() {
		lines := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return // a line that was cut off is none
			}
			if opts.Out != nil {
				opts.Out(time.Now(), line)
			}
		}
	})
	p.end = sync.OnceValue(func() error {
		p.read.Wait() // before Wait, which closes the pipe
		err := p.cmd.Wait()
		p.Client.Close()
		return err
	})
	return p, nil
}

// Pid is the number of the process.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Ready waits until the daemon answers. The error is that of the context, or that it has ended.
func (p *Process) Ready(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { // it ends with the process
		p.read.Wait()
		close(ended)
	}()
	for {
		if p.Client.Alive(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for daemon: %w", ctx.Err())
		case <-ended:
			return fmt.Errorf("wait for daemon: it has ended: %w", p.end())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Kill ends it as SIGKILL does and waits for that.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill daemon: %w", err)
	}
	_ = p.end() // that it was killed is no news
	return nil
}

// Stop asks it to end and waits until it has; the error says that it did not end well.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop daemon: %w", err)
	}
	if err := p.end(); err != nil {
		return fmt.Errorf("stop daemon: %w", err)
	}
	return nil
}
