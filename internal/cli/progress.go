package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tripline-sec/tripline/internal/source"
)

// progressEvery is how often progress is shown.
const progressEvery = 200 * time.Millisecond

// progress shows on a terminal how far reading has got, how fast, and how long it
// will take, until what it returns is called.
func (a *app) progress(reader func() *source.Reader) (stop func()) {
	if !a.StderrTerminal {
		return func() {}
	}
	bar := progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(a.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(24),
		progressbar.OptionSetPredictTime(true), progressbar.OptionShowElapsedTimeOnFinish(), progressbar.OptionClearOnFinish())
	a.bar = bar
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
			}
			if r := reader(); r != nil {
				read, total := r.Progress()
				if total > 0 {
					bar.ChangeMax64(total)
				}
				_ = bar.Set64(read) // a terminal that is gone is told of elsewhere
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		_ = bar.Clear()
		a.bar = nil
	}
}
