package store

import (
	"context"
	"errors"
	"time"
)

// due says that the log should be sealed.
func (s *Store) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	var bytes int64
	for _, l := range s.logs {
		bytes += l.bytes
		if len(l.records) > 0 && now.UnixMicro()-l.begun >= s.opts.SealAge.Microseconds() {
			return true
		}
	}
	return bytes >= s.opts.SealBytes
}

// sealLoop seals and retains when it is time. After a failure it lets some time pass,
// as trying costs much.
func (s *Store) sealLoop(ctx context.Context) {
	defer close(s.sealerDone)
	wait := min(s.opts.SealAge/4, time.Minute)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	wake := s.sealer
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		err := s.Retain(ctx) // first, for the room
		if s.due(s.now()) {
			err = errors.Join(err, s.Seal(ctx))
		}
		wake = s.sealer
		if err != nil && ctx.Err() == nil {
			wake = nil
			s.opts.Told(Notice{Kind: Failed, Text: "sealing or retention failed and will be tried again", Err: err})
		}
		timer.Reset(wait)
	}
}

func (s *Store) wakeSealer() {
	select {
	case s.sealer <- struct{}{}:
	default:
	}
}
