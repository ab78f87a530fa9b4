package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tripline-sec/tripline/internal/show"
	"github.com/tripline-sec/tripline/internal/watch"
)

// watch runs round now and again on each save of what is named, until ^C. It
// hands over what has changed; the first time that is nothing. An error of a
// round is shown and does not end the watch: the next save may mend it.
func (a *app) watch(paths []string, round func(changed []string) error) error {
	if slices.Contains(paths, "-") {
		return usage("name files or folders", "standard input can not be watched")
	}
	watcher, err := watch.New(paths)
	if err != nil {
		return usage("name files or folders that are there", "%v", err)
	}
	defer watcher.Close()
	var changed []string
	for {
		start := time.Now()
		err := round(changed)
		if a.ctx.Err() != nil {
			return status(exitInterrupted)
		}
		var code status
		if err != nil && !errors.As(err, &code) {
			a.report(err)
		}
		a.sayf("%s in %s; watching for the next save, ^C ends", a.Now().Format("15:04:05"), time.Since(start).Round(time.Millisecond))
		if a.flush(); a.gone() {
			return nil
		}
		if changed, err = watcher.Next(a.ctx); err != nil {
			if a.ctx.Err() != nil {
				return status(exitInterrupted)
			}
			return failure("%v", err)
		}
		a.printf("\n")
		a.sayf("saved: %s", savedText(changed))
	}
}

// savedText names what was saved; many are counted.
func savedText(paths []string) string {
	const most = 3
	names := make([]string, 0, most)
	for _, path := range paths[:min(most, len(paths))] {
		names = append(names, show.Escape(path))
	}
	text := strings.Join(names, ", ")
	if more := len(paths) - most; more > 0 {
		text += " and " + counted(more, "more", "more")
	}
	return text
}

// folders returns the folders that paths are or lie in: for commands to which a
// file's neighbours matter too.
func folders(paths []string) []string {
	var all []string
	for _, path := range paths {
		if info, err := os.Stat(path); path != "-" && (err != nil || !info.IsDir()) {
			path = filepath.Dir(path)
		}
		if !slices.Contains(all, path) {
			all = append(all, path)
		}
	}
	return all
}
