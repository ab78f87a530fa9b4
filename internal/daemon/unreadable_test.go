package daemon

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tripline-sec/tripline/internal/disk/fault"
)

// damage overwrites the middle of the only sealed file whose path holds a text.
func (d *desk) damage(folder, name string) {
	d.Helper()
	entries, err := d.fs.ReadDir(folder)
	if err != nil {
		d.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if e.IsDir() {
			d.damage(path, name)
			continue
		}
		if !strings.Contains(path, name) {
			continue
		}
		f, err := d.fs.OpenFile(path, os.O_RDWR)
		if err != nil {
			d.Fatal(err)
		}
		info, err := d.fs.Stat(path)
		if err != nil {
			d.Fatal(err)
		}
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xa5}, int(info.Size()/2)), info.Size()/4); err != nil {
			d.Fatal(err)
		}
		if err := f.Close(); err != nil {
			d.Fatal(err)
		}
	}
}

// What can not be read is tried again, then passed over and told; what comes behind it
// is judged.
func TestUnreadableStretchIsPassedOver(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, `file where true`, nil))
	for _, set := range []string{"ab", "cd", "ef"} {
		for _, id := range strings.Split(set, "") {
			d.in(strings.Replace(d.event(id, "file", "12:00", "h"), `"dataset":"x"`, `"dataset":"`+set+`"`, 1))
		}
		if err := d.store.Seal(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	d.damage("/data/store/segments", "index=logs-cd-default")
	for range unreadableAfter {
		d.judge()
	}
	d.judge()
	d.want("1:a", "1:b", "1:e", "1:f")
	spans, err := d.state.Blind(context.Background(), time.Time{}, time.Time{})
	if err != nil || len(spans) != 1 || spans[0].Cause != "unreadable" || spans[0].Count != 2 {
		t.Errorf("%+v, %v", spans, err)
	}
}

// What comes while a step is committed is told with the next.
func TestNothingUnreadableIsMissed(t *testing.T) {
	d := newDesk(t, Options{Stream: true}, pairRule(1, `file where true`, nil))
	d.Unreadable("one")
	more := 3
	d.fs.Watch(func(fault.Step) error {
		if more > 0 {
			more--
			d.Unreadable("more")
		}
		return nil
	})
	d.judge()
	d.judge()
	spans, err := d.state.Blind(context.Background(), time.Time{}, time.Time{})
	total := 0
	for i := range spans {
		total += spans[i].Count
	}
	if err != nil || total != 4 || more > 0 {
		t.Errorf("%d told, want 4: %+v, %v", total, spans, err)
	}
}
