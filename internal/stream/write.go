package stream

import "strconv"

// action is what an event says happened.
type action uint8

const (
	actFork action = iota
	actExec
	actEnd
	actMerged // fork, exec and end in one
	actExecEnd
	actAttempted
	actAccepted
	actDisconnect
	actCreation
	actRename
	actDeletion
	actModification
)

var actions = [...]struct{ action, kind string }{
	actFork:         {`"fork"`, `"start"`},
	actExec:         {`"exec"`, `"start"`},
	actEnd:          {`"end"`, `"end"`},
	actMerged:       {`["fork","exec","end"]`, `"start","end"`},
	actExecEnd:      {`["exec","end"]`, `"start","end"`},
	actAttempted:    {`"connection_attempted"`, `"start"`},
	actAccepted:     {`"connection_accepted"`, `"start"`},
	actDisconnect:   {`"disconnect_received"`, `"end"`},
	actCreation:     {`"creation"`, `"creation"`},
	actRename:       {`"rename"`, `"change"`},
	actDeletion:     {`"deletion"`, `"deletion"`},
	actModification: {`"modification"`, `"change"`},
}

// category is a kind of document: process, network or file.
type category struct{ name, stream, event, message string }

func newCategory(name string) category {
	return category{
		name:    name,
		stream:  `"data_stream":{"dataset":"endpoint.events.` + name + `","namespace":"default","type":"logs"},`,
		event:   `,"category":["` + name + `"],"created":"`,
		message: `,"message":"Endpoint ` + name + ` event",`,
	}
}

var (
	processCategory = newCategory("process")
	networkCategory = newCategory("network")
	fileCategory    = newCategory("file")
)

// begin writes a document up to data_stream.
func (s *scene) begin(dst []byte, p *process, c *category) []byte {
	dst = appendTime(append(dst, `{"@timestamp":"`...), s.now)
	dst = append(append(append(dst, '"'), p.host.agentPart...), ',')
	dst = append(dst, p.containerPart...)
	return append(dst, c.stream...)
}

// event writes what stands between ecs and event, and counts the event.
func (s *scene) event(dst []byte, p *process, c *category, a action) []byte {
	dst = append(append(dst, `"ecs":{"version":"8.11.0"},`...), p.host.elasticPart...)
	dst = append(append(dst, `,"event":{"action":`...), actions[a].action...)
	dst = appendTime(append(dst, c.event...), s.now)
	dst = append(append(append(dst, `","dataset":"endpoint.events.`...), c.name...), `","id":"`...)
	s.lastID = s.appendID(s.lastID[:0])
	dst = append(dst, s.lastID...)
	dst = appendSecond(append(dst, `","ingested":"`...), s.now+2*second)
	dst = append(dst, `Z","kind":"event","module":"endpoint",`...)
	if !p.host.habits.noOutcome {
		dst = append(dst, `"outcome":"unknown",`...)
	}
	p.host.sequence++
	dst = strconv.AppendUint(append(dst, `"sequence":`...), p.host.sequence, 10)
	return append(append(append(dst, `,"type":[`...), actions[a].kind...), `]},`...)
}

// hostAndGroup writes group, host and message.
func (s *scene) hostAndGroup(dst []byte, p *process, c *category) []byte {
	dst = append(append(dst, p.user.topGroup...), ',')
	return append(append(dst, p.host.hostPart...), c.message...)
}

// leader writes the block of a leader of p.
func appendLeader(dst []byte, name string, l, p *process) []byte {
	dst = append(append(append(dst, '"'), name...), `":{`...)
	dst = append(append(dst, l.argsPart()...), `,"entity_id":"`...)
	dst = append(append(dst, l.id...), `",`...)
	entry := name == "entry_leader"
	if entry {
		dst = append(append(append(dst, `"entry_meta":{"source":{},"type":"`...), l.entryType...), `"},`...)
	}
	dst = append(append(dst, l.imagePart()...), ',')
	if entry && l.parent != nil {
		dst = append(append(dst, `"parent":{"entity_id":"`...), l.parent.id...)
		dst = strconv.AppendInt(append(dst, `","pid":`...), int64(l.parent.pid), 10)
		dst = append(dst, `},`...)
	}
	dst = append(dst, l.pidPart()...)
	dst = strconv.AppendBool(append(dst, `,"same_as_process":`...), l == p)
	dst = append(append(dst, ','), l.startPart()...)
	return append(dst, `},`...)
}

// appendParent writes process.parent.
func appendParent(dst []byte, p *process) []byte {
	dst = append(append(dst, `"parent":{`...), p.argsPart()...)
	dst = append(append(dst, `,"command_line":`...), p.command...)
	dst = append(append(append(dst, `,"entity_id":"`...), p.id...), `",`...)
	dst = append(append(dst, p.imagePart()...), ',')
	dst = append(append(dst, p.pidPart()...), ',')
	return append(append(dst, p.startPart()...), `},`...)
}

const capabilities = `["CAP_CHOWN","CAP_DAC_OVERRIDE","CAP_FOWNER","CAP_FSETID","CAP_KILL","CAP_SETGID","CAP_SETUID","CAP_NET_BIND_SERVICE","CAP_SYS_CHROOT"]`

// process writes an event of a process.
func (s *scene) process(dst []byte, p *process, a action) []byte {
	c := &processCategory
	dst = s.hostAndGroup(s.event(s.begin(dst, p, c), p, c, a), p, c)
	h := &p.host.habits
	dst = append(append(append(dst, `"process":{"Ext":{"ancestry":[`...), p.ancestry...), `]},`...)
	dst = append(append(append(dst, p.argsPart()...), `,"command_line":`...), p.command...)
	ended := a == actEnd || a == actMerged || a == actExecEnd
	if ended {
		end := s.now
		if a != actEnd {
			end += int64(s.below(40_000_000))
		}
		dst = append(appendTime(append(dst, `,"end":"`...), end), '"')
	}
	dst = append(append(append(dst, `,"entity_id":"`...), p.id...), `",`...)
	dst = appendLeader(dst, "entry_leader", p.entry, p)
	if h.environment && a == actExec {
		dst = append(dst, `"env_vars":["LANG=C.UTF-8","LD_LIBRARY_PATH=","PATH=/usr/local/bin:/usr/bin:/bin"],`...)
	}
	dst = append(append(dst, p.program.exe...), ',')
	if ended {
		code := 0
		if s.chance(0.06) {
			code = [...]int{1, 2, 127, 143}[s.skewed(4)]
		}
		dst = append(strconv.AppendInt(append(dst, `"exit_code":`...), int64(code), 10), ',')
	}
	dst = append(append(dst, p.user.group...), ',')
	dst = appendLeader(dst, "group_leader", p.group, p)
	if s.chance(0.96) { // the file was gone, or too large, before its hash was known
		hash := p.program.hash[0]
		if h.sha256Only {
			hash = p.program.hash[1]
		}
		dst = append(append(dst, hash...), ',')
	}
	dst = strconv.AppendBool(append(dst, `"interactive":`...), p.terminal > 0)
	dst = append(append(append(dst, `,"name":"`...), p.program.name...), `",`...)
	if p.parent != nil {
		dst = appendParent(dst, p.parent)
	}
	dst = append(strconv.AppendInt(append(dst, `"pid":`...), int64(p.pid), 10), ',')
	if len(p.previous) > 0 && a != actFork {
		dst = append(append(append(dst, `"previous":[`...), p.previous...), `],`...)
	}
	dst = append(append(dst, p.user.realPart...), ',')
	dst = appendLeader(dst, "session_leader", p.session, p)
	start := p.startPart()
	if h.groups || h.capabilities { // they stand before tty, user and working_directory
		const timeEnd = len(`"start":"2006-01-02T15:04:05.000000000Z",`)
		dst = append(dst, start[:timeEnd]...)
		if h.groups {
			dst = append(append(dst, p.user.groups...), ',')
		}
		if h.capabilities && p.user.id == "0" {
			dst = append(append(dst, `"thread":{"capabilities":{"effective":`...), capabilities...)
			dst = append(append(append(dst, `,"permitted":`...), capabilities...), `}},`...)
		}
		start = start[timeEnd:]
	}
	dst = append(append(dst, start...), `},`...)
	return append(append(dst, p.user.topUser...), '}')
}

// actor writes the short form of process that network and file events have.
func (s *scene) actor(dst []byte, p *process) []byte {
	dst = append(append(append(dst, `"process":{"Ext":{"ancestry":[`...), p.ancestry...), `]},"command_line":`...)
	dst = append(append(append(dst, p.command...), `,"entity_id":"`...), p.id...)
	dst = append(append(dst, `","entry_leader":{"entity_id":"`...), p.entry.id...)
	if p.entry.parent != nil {
		dst = append(append(append(dst, `","parent":{"entity_id":"`...), p.entry.parent.id...), `"}},`...)
	} else {
		dst = append(dst, `"},`...)
	}
	dst = append(append(dst, p.program.exe...), `,"group_leader":{"entity_id":"`...)
	dst = append(append(dst, p.group.id...), `"},"name":"`...)
	dst = append(append(dst, p.program.name...), '"')
	if p.parent != nil {
		dst = append(append(append(dst, `,"parent":{"entity_id":"`...), p.parent.id...), `"}`...)
	}
	dst = strconv.AppendInt(append(dst, `,"pid":`...), int64(p.pid), 10)
	return append(append(append(dst, `,"session_leader":{"entity_id":"`...), p.session.id...), `"}}`...)
}
