package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"github.com/tripline-sec/tripline/internal/config"
	"github.com/tripline-sec/tripline/internal/daemon"
	"github.com/tripline-sec/tripline/internal/disk"
	"github.com/tripline-sec/tripline/internal/keyring"
	"github.com/tripline-sec/tripline/internal/schedule"
	"github.com/tripline-sec/tripline/internal/server"
	"github.com/tripline-sec/tripline/internal/store"
)

func (a *app) runCommand() *cobra.Command {
	var flags *config.Flags
	cmd := &cobra.Command{
		Use:   "run [FLAGS]",
		Short: "Run the daemon: take events, judge them at once and on schedule, send alerts",
		Example: examples(
			"tripline run --follow /var/log/events/", "judge files as they grow, by the built-in rules",
			"tripline run -r rules/ --listen 127.0.0.1:9200", "take events as Elasticsearch does; make a key first with `tripline keys create`",
			"tripline run --config tripline.yaml", "with all settings from a file: `tripline config show` prints one",
		),
		Long: `Everything is kept in one data folder; no other service is needed. No TCP port is opened
unless --listen names one. Rules that change on disk are taken in without a restart, also
on SIGHUP; a set of rules with a new mistake in it leaves the old one running.

The first ^C stops taking events, judges what is stored, delivers what can be delivered and
ends. A second one ends at once; nothing that was acknowledged is lost by that.

Exit codes: 0 ended as asked; 1 it could not run; 2 usage.`,
		GroupID: groupDaemon,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			l, err := a.loadConfig(flags.File, flags)
			if err != nil {
				return err
			}
			return a.runDaemon(&l.Config)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.Flags().SortFlags = false
	flags = config.AddFlags(cmd.Flags())
	return cmd
}

// drainGrace is how long the daemon may take to end on the first ^C.
const drainGrace = 30 * time.Second

// running is a daemon with all around it.
type running struct {
	*app
	cfg      *config.Config
	daemon   *daemon.Daemon
	server   *server.Server
	log      *slog.Logger
	registry *prometheus.Registry
	set      *ruleSet // as last read
	sources  []openedSource
	jobs     sync.WaitGroup
}

func (a *app) runDaemon(cfg *config.Config) error {
	if cfg.Data == "" {
		return usage("name one with --data", "there is no home folder to keep the data folder in")
	}
	a.drains.Store(int64(drainGrace))
	r := &running{app: a, cfg: cfg, log: a.logger(cfg.Log), registry: prometheus.NewRegistry()}
	sinks, err := r.sinks()
	if err != nil {
		return err
	}
	policy := schedule.Tripline(schedule.Limits{})
	if cfg.Schedule.Compat == "elastic" {
		policy = schedule.Elastic()
	}
	r.daemon, err = daemon.Open(a.ctx, daemon.Options{
		FS: disk.OS{}, Data: cfg.Data, Load: r.rules, Policy: policy,
		Stream: cfg.Stream.Enabled && cfg.Schedule.Compat != "elastic", Schedule: cfg.Schedule.Enabled,
		Lateness: cfg.Stream.Lateness, Hold: cfg.Stream.Hold, Budget: int64(cfg.Memory),
		Store: store.Options{KeepAge: cfg.Store.KeepAge, KeepBytes: int64(cfg.Store.KeepSize), DedupeAge: cfg.Store.Dedupe},
		Sinks: sinks, Log: r.log, Registry: r.registry, Now: a.Now,
	})
	if err != nil {
		return r.openFault(err)
	}
	defer func() {
		if err := r.daemon.Close(); err != nil {
			r.log.Error("can not close the data folder", "error", err)
		}
	}()
	if err := r.serve(); err != nil {
		return err
	}
	return r.run()
}

// openFault says why a daemon can not be opened.
func (r *running) openFault(err error) error {
	var f *fault
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, disk.ErrLocked):
		return &fault{code: exitNothing, reason: fmt.Sprintf("another tripline works in %s", r.cfg.Data), hint: "end it, or name another folder with --data"}
	case errors.Is(err, os.ErrPermission):
		return &fault{code: exitNothing, reason: err.Error(), hint: "name a folder of your own with --data"}
	}
	return failure("%v", err)
}

// serve opens the doors.
func (r *running) serve() error {
	socket := r.cfg.Listen.Socket
	switch socket {
	case "":
		socket = socketOf(r.cfg.Data)
	case config.Off:
		socket = ""
	}
	cfg := server.Config{
		Ready:    r.daemon.Ready,
		Appender: r.daemon.Appender(), Finder: r.daemon.Finder(), Keys: keyring.Ring{State: r.daemon.State()}, Log: r.log, Registry: r.registry,
		Status:  func() (any, error) { return r.daemon.Status(), nil },
		Reload:  func(ctx context.Context) (any, error) { return r.daemon.Reload(ctx) },
		Version: r.Version, Cluster: r.cfg.Data, Prefix: r.cfg.Listen.Prefix,
		MaxBody: int64(r.cfg.Listen.MaxBody), Hold: r.cfg.Listen.Hold,
	}
	var err error
	if r.server, err = server.New(cfg); err != nil {
		return failure("%v", err)
	}
	r.mount()
	listen := server.Listen{Socket: socket, CertFile: r.cfg.Listen.TLS.Cert, KeyFile: r.cfg.Listen.TLS.Key}
	if listen.Inherited, err = server.Inherited(r.Getenv); err != nil { // systemd's, where it keeps them open
		return failure("%v", err)
	}
	kept := slices.ContainsFunc(listen.Inherited, func(l net.Listener) bool { return l.Addr().String() == r.cfg.Listen.Address })
	if r.cfg.Listen.Address != "" && !kept {
		listen.TCP = []string{r.cfg.Listen.Address}
	}
	if err := r.server.Open(r.ctx, listen); err != nil {
		var hinted *server.Error
		if errors.As(err, &hinted) {
			hint := strings.Replace(hinted.Hint, "tripline keys create", r.command("keys create"), 1)
			return &fault{code: exitNothing, reason: hinted.Error(), hint: hint}
		}
		return failure("%v", err)
	}
	return nil
}

// socketOf is the Unix socket of a daemon.
func socketOf(data string) string { return filepath.Join(data, "tripline.sock") }

// run works until it is asked to end.
func (r *running) run() error {
	sources, err := r.openSources(r.cfg, r.liveOptions())
	if err != nil {
		return err
	}
	r.sources = sources
	r.greet()
	failed := make(chan error, 1)
	feeding, stopFeeding := context.WithCancel(r.ctx)
	defer stopFeeding()
	for _, s := range sources {
		r.jobs.Go(func() {
			if err := s.source.Run(feeding); err != nil && feeding.Err() == nil {
				r.log.Error("a source has ended", "source", s.name, "error", err)
			}
		})
	}
	r.jobs.Go(func() {
		if err := r.server.Serve(); err != nil {
			select {
			case failed <- err:
			default:
			}
		}
	})
	r.jobs.Go(func() { r.watchRules(feeding) })
	working, stopWorking := context.WithCancel(context.WithoutCancel(r.ctx))
	defer stopWorking()
	worked := make(chan error, 1)
	go func() { worked <- r.daemon.Run(working) }()

	var runErr error
	select {
	case <-r.ctx.Done():
		r.tell("ending: what is stored is judged and delivered; ^C again ends at once")
	case runErr = <-failed:
	case runErr = <-worked:
		worked <- nil
	}
	stopFeeding()
	closing, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), drainGrace/3)
	defer cancel()
	_ = r.server.Shutdown(closing) // who was cut off sends again
	r.jobs.Wait()
	stopWorking()
	if err := <-worked; runErr == nil {
		runErr = err
	}
	if runErr != nil {
		return failure("%v", runErr)
	}
	r.drained = true
	return nil
}

// structured reports whether the log is for programs.
func (a *app) structured(l config.Log) bool {
	return l.Format == "json" || l.Format == "auto" && !a.StderrTerminal
}

// logger says what the daemon does, on stderr.
func (a *app) logger(l config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		level = slog.LevelInfo
	}
	opts := &slog.HandlerOptions{Level: level}
	if a.structured(l) {
		return slog.New(slog.NewJSONHandler(a.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, opts))
}
