package stream

import (
	"encoding/base64"
	"strconv"
)

// process is a process of a host. What of it stands in several documents, as
// process, parent or leader, is written once.
type process struct {
	host                          *host
	parent, session, group, entry *process // parent: nil for the first
	entryType                     string   // of an entry leader: init, sshd, container
	user                          *account
	pid                           int
	started                       int64
	terminal                      int // number of its terminal, from 1; 0: none
	containerPart                 string
	seen                          bool // whether a document had its entity id

	program  *program
	argc     int
	args     []byte // `["A","B"]`
	command  []byte // `"A B"`
	cwd      []byte
	previous []byte // `{"args":..}` of the image before

	id       []byte // entity id
	ancestry []byte // `"ID","ID"`: parent first
	parts    []byte // what leader and parent blocks are made of
	marks    [4]int // the ends of the parts

	// What it will do yet.
	phase              phase
	next               *program // what it execs
	kids, files, conns int
	open               bool // a connection is
	socket             socket
}

type phase uint8

const (
	phaseFork phase = iota
	phaseExec
	phaseAct
	phaseEnd
	phaseClose // it has ended; its connection has not been told to be closed
)

// fork makes p a child of parent that runs what that runs.
func (p *process) fork(s *scene, parent *process) {
	*p = process{
		host: parent.host, parent: parent, session: parent.session, group: parent.group, entry: parent.entry,
		user: parent.user, pid: parent.host.newPID(s.dice), started: s.now - int64(5_000+s.below(20_000)), terminal: parent.terminal,
		containerPart: parent.containerPart, program: parent.program, argc: parent.argc,
		args: append(p.args[:0], parent.args...), command: append(p.command[:0], parent.command...), cwd: append(p.cwd[:0], parent.cwd...),
		previous: p.previous[:0], id: p.id[:0], ancestry: p.ancestry[:0], parts: p.parts[:0],
	}
	p.identify()
	p.write()
}

// mostAncestors is how many entity ids process.Ext.ancestry has.
const mostAncestors = 4

// identify gives the process its entity id and ancestry.
func (p *process) identify() {
	var buffer [96]byte
	plain := append(append(buffer[:0], p.host.agent...), '-')
	plain = append(strconv.AppendInt(plain, int64(p.pid), 10), '-')
	plain = strconv.AppendInt(plain, p.started/second, 10)
	plain = appendFraction(plain, p.started)
	p.id = base64.StdEncoding.AppendEncode(p.id[:0], plain)
	p.ancestry = p.ancestry[:0]
	for a, n := p.parent, 0; a != nil && n < mostAncestors; a, n = a.parent, n+1 {
		if n > 0 {
			p.ancestry = append(p.ancestry, ',')
		}
		p.ancestry = append(append(append(p.ancestry, '"'), a.id...), '"')
	}
}

// load makes a program the image of the process, with one of its command lines.
func (p *process) load(s *scene, g *program) {
	if p.host.habits.previous && p.args != nil {
		p.previous = append(append(p.previous[:0], `{"args":`...), p.args...)
		p.previous = strconv.AppendInt(append(p.previous, `,"args_count":`...), int64(p.argc), 10)
		p.previous = append(append(append(p.previous, ','), p.program.exe...), '}')
	}
	p.program = g
	line := g.argvs[s.skewed(len(g.argvs))]
	p.argc = len(line)
	p.args, p.command = append(p.args[:0], '['), append(p.command[:0], '"')
	for i, arg := range line {
		if i > 0 {
			p.args, p.command = append(p.args, ','), append(p.command, ' ')
		}
		p.args = append(p.args, '"')
		from := len(p.args)
		p.args = s.append(p.args, arg, p.user)
		p.command = append(p.command, p.args[from:]...)
		p.args = append(p.args, '"')
	}
	p.args, p.command = append(p.args, ']'), append(p.command, '"')
	if g.cwd != nil {
		p.cwd = s.append(p.cwd[:0], g.cwd, p.user)
	}
	p.kids, p.files, p.conns = s.amount(g.kids), s.amount(g.files), s.amount(g.conns)
	p.write()
}

// lead makes the process the leader of its session, and of its process group.
func (p *process) lead() {
	p.session, p.group = p, p
	p.write()
}

// write writes the parts of the blocks, again when something has changed.
func (p *process) write() {
	b := p.parts[:0]
	b = append(append(b, `"args":`...), p.args...)
	b = strconv.AppendInt(append(b, `,"args_count":`...), int64(p.argc), 10)
	p.marks[0] = len(b)
	b = append(append(append(b, p.program.exe...), ','), p.user.group...)
	b = strconv.AppendBool(append(b, `,"interactive":`...), p.terminal > 0)
	b = append(append(append(b, `,"name":"`...), p.program.name...), '"')
	p.marks[1] = len(b)
	b = append(strconv.AppendInt(append(b, `"pid":`...), int64(p.pid), 10), ',')
	b = append(b, p.user.realPart...)
	p.marks[2] = len(b)
	b = append(appendTime(append(b, `"start":"`...), p.started), `",`...)
	if p.terminal > 0 {
		b = strconv.AppendInt(append(b, `"tty":{"char_device":{"major":136,"minor":`...), int64(p.terminal), 10)
		b = append(b, `}},`...)
	}
	b = append(b, p.user.user...)
	b = append(append(append(b, `,"working_directory":"`...), p.cwd...), '"')
	p.marks[3] = len(b)
	p.parts = b
}

func (p *process) argsPart() []byte  { return p.parts[:p.marks[0]] }           // args, args_count
func (p *process) imagePart() []byte { return p.parts[p.marks[0]:p.marks[1]] } // executable to name
func (p *process) pidPart() []byte   { return p.parts[p.marks[1]:p.marks[2]] } // pid to real_user
func (p *process) startPart() []byte { return p.parts[p.marks[2]:p.marks[3]] } // start to working_directory
