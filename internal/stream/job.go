package stream

// job is what runs in one place of a host: a chain of processes, each the child of
// the one before it, of which the last acts; or a daemon that serves a connection
// or does something by itself.
type job struct {
	host   *host
	chain  []*process
	spare  []*process // ended, to be used again
	daemon *process   // who serves
	socket socket
}

// push starts a child of a process.
func (j *job) push(s *scene, parent *process) *process {
	var p *process
	if n := len(j.spare); n > 0 {
		p, j.spare = j.spare[n-1], j.spare[:n-1]
	} else {
		p = new(process)
	}
	p.fork(s, parent)
	j.chain = append(j.chain, p)
	return p
}

func (j *job) pop() {
	last := len(j.chain) - 1
	j.spare = append(j.spare, j.chain[last])
	j.chain = j.chain[:last]
}

// step writes the next event of the job; of a new one if it is over. It reports
// whether more will follow soon.
func (s *scene) step(dst []byte, j *job) ([]byte, bool) {
	switch {
	case j.daemon != nil:
		dst = s.network(dst, j.daemon, actDisconnect, &j.socket)
		j.daemon = nil
		return dst, false
	case len(j.chain) > 0:
		return s.advance(dst, j, j.chain[len(j.chain)-1])
	}
	k := j.host.pickJob(s.dice)
	d := j.host.byPath[k.daemon]
	switch k.verb {
	case "serve":
		s.note(d)
		j.daemon = d
		s.visit(&j.socket, j.host, k.port)
		return s.network(dst, d, actAccepted, &j.socket), false
	case "act":
		return s.act(dst, d), false
	}
	p := j.push(s, d)
	s.begins(p, k)
	return s.begun(dst, j, p, s.catalog.groups[k.group])
}

// begins makes a process the first of a job.
func (s *scene) begins(p *process, k *jobKind) {
	switch {
	case k.user == "human":
		p.user = p.host.humans[s.skewed(len(p.host.humans))]
		p.entryType = "sshd"
	case k.container:
		p.user = p.host.account("container")
		p.entryType = "container"
		s.enclose(p)
	default:
		p.user = p.host.account(k.user)
	}
	if p.entryType != "" {
		p.entry = p
	}
	if k.terminal {
		p.terminal = 1 + s.below(12)
	}
	p.lead()
}

// enclose puts the process into a container of one of a few images.
func (s *scene) enclose(p *process) {
	names := s.catalog.lists["svc"]
	name := names[s.skewed(len(names))]
	b := append([]byte(`"container":{"id":"`), s.appendHex(s.appendHex(nil, 8), 8)...)
	b = append(append(append(b, `","image":{"hash":{"all":["sha256:`...), digest(name, 32)...), `"]},"name":"`...)
	b = append(append(append(b, `registry.example.net/`...), name...), `","tag":"1.`...)
	b = append(append(append(b, byte('0'+len(name)%10)), `"},"name":"`...), name...)
	p.containerPart = string(append(b, `"},`...))
}

// begun writes the first event of a new process, which goes on to be one of the
// programs.
func (s *scene) begun(dst []byte, j *job, p *process, next group) ([]byte, bool) {
	s.note(p)
	if len(next) == 0 { // it stays what its parent is
		p.phase = phaseEnd
		p.files = s.below(2)
		if p.files > 0 {
			p.phase = phaseAct
		}
		return s.process(dst, p, actFork), true
	}
	g := next[s.skewed(len(next))]
	p.next = g
	leaf := g.kids.high == 0 && g.files.high == 0 && g.conns.high == 0
	switch {
	case leaf && p.host.habits.merges:
		p.load(s, g)
		dst = s.process(dst, p, actMerged)
		j.pop()
		return dst, true
	case p.host.habits.noForks && s.chance(0.8):
		return s.exec(dst, p), true
	}
	p.phase = phaseExec
	return s.process(dst, p, actFork), true
}

func (s *scene) exec(dst []byte, p *process) []byte {
	p.load(s, p.next)
	p.phase = phaseAct
	if s.below(100) < p.next.turns {
		g := p.next.turn[s.below(len(p.next.turn))]
		p.next, p.phase = g[s.skewed(len(g))], phaseExec
	}
	return s.process(dst, p, actExec)
}

// advance writes the next event of the last process of a chain.
func (s *scene) advance(dst []byte, j *job, p *process) ([]byte, bool) {
	switch p.phase {
	case phaseExec:
		return s.exec(dst, p), true
	case phaseClose:
		dst = s.network(dst, p, actDisconnect, &p.socket)
		j.pop()
		return dst, false
	case phaseAct:
		if dst, done, burst := s.tryAct(dst, j, p); done {
			return dst, burst
		}
	}
	if p.host.habits.noEnds && len(j.chain) > 1 && s.chance(0.8) { // nothing is told of its end
		j.pop()
		return s.advance(dst, j, j.chain[len(j.chain)-1])
	}
	dst = s.process(dst, p, actEnd)
	if p.open {
		p.phase = phaseClose
		return dst, true
	}
	j.pop()
	return dst, len(j.chain) > 0
}

// tryAct lets a process do one of the things that it has yet to do.
func (s *scene) tryAct(dst []byte, j *job, p *process) (out []byte, done, burst bool) {
	if s.frozen {
		p.kids = 0
	}
	if len(p.program.deeds) == 0 {
		p.files = 0
	}
	left := p.kids + p.files + p.conns
	switch at := s.below(max(left, 1)); {
	case p.open && (left == 0 && s.chance(0.7) || s.chance(0.4)):
		p.open = false
		return s.network(dst, p, actDisconnect, &p.socket), true, true
	case left == 0:
		return dst, false, false
	case at < p.kids:
		p.kids--
		next := p.program.kin[s.below(len(p.program.kin))]
		child := j.push(s, p)
		if p.terminal > 0 && p.program.name == "bash" { // a shell that people use gives each command a group
			child.group = child
		}
		dst, burst = s.begun(dst, j, child, next)
		return dst, true, burst
	case at < p.kids+p.files:
		p.files--
		return s.file(dst, p, &p.program.deeds[s.below(len(p.program.deeds))]), true, true
	}
	p.conns--
	if p.open {
		p.open = false
		return s.network(dst, p, actDisconnect, &p.socket), true, true
	}
	p.open = true
	s.dial(&p.socket, p.host, p.program.ports[s.skewed(len(p.program.ports))])
	return s.network(dst, p, actAttempted, &p.socket), true, true
}

// act writes something that a daemon does by itself.
func (s *scene) act(dst []byte, d *process) []byte {
	s.note(d)
	g := d.program
	conns := g.conns.high > 0 && (len(g.deeds) == 0 || s.chance(0.4))
	switch {
	case conns && d.open:
		d.open = false
		return s.network(dst, d, actDisconnect, &d.socket)
	case conns:
		d.open = true
		s.dial(&d.socket, d.host, g.ports[s.skewed(len(g.ports))])
		return s.network(dst, d, actAttempted, &d.socket)
	}
	return s.file(dst, d, &g.deeds[s.below(len(g.deeds))])
}
