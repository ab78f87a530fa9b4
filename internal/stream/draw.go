package stream

// natural is how many new processes there are for an event if nothing is done about
// their number.
const natural = 0.27

// draw writes an event that is not planted.
func (s *Stream) draw(dst []byte) []byte {
	if s.opts.Processes == 0 {
		return s.drawJob(dst)
	}
	births, left := s.opts.Processes-s.scene.born, s.background+1
	want := float64(births) / float64(left)
	s.scene.frozen = births <= 0
	switch {
	case births >= left || want > natural && s.scene.chance((want-natural)/(1-natural)):
		return s.drawBrief(dst)
	case births <= 0 || want < natural && s.scene.chance(1-want/natural):
		return s.drawOld(dst)
	}
	return s.drawJob(dst)
}

// drawJob writes the next event of some job: of the last, as a rule, as long as its
// events follow closely.
func (s *Stream) drawJob(dst []byte) []byte {
	j := s.hot
	if j == nil || !s.scene.chance(0.85) {
		h := s.scene.hosts[s.scene.below(len(s.scene.hosts))]
		j = h.places[s.scene.below(len(h.places))]
	}
	dst, more := s.scene.step(dst, j)
	s.hot = nil
	if more {
		s.hot = j
	}
	return dst
}

// drawBrief writes the only event of a process.
func (s *Stream) drawBrief(dst []byte) []byte {
	sc := s.scene
	h := sc.hosts[sc.below(len(sc.hosts))]
	j := h.places[0]
	p := j.push(sc, h.daemons[sc.below(len(h.daemons))])
	sc.note(p)
	tools := sc.catalog.groups["tool"]
	act := [...]action{actExec, actExec, actFork, actFork, actEnd}[sc.below(5)]
	if act != actFork {
		p.load(sc, tools[sc.skewed(len(tools))])
	}
	dst = sc.process(dst, p, act)
	j.pop()
	return dst
}

// drawOld writes an event of a process of which there was one.
func (s *Stream) drawOld(dst []byte) []byte {
	if n := len(s.scene.daemons); n > 0 {
		d := s.scene.daemons[s.scene.below(n)]
		if len(d.program.deeds) > 0 || d.program.conns.high > 0 {
			return s.scene.act(dst, d)
		}
	}
	return s.drawJob(dst)
}
