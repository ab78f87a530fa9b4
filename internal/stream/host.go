package stream

import (
	"fmt"
	"strconv"
	"strings"
)

// host is a machine with an agent.
type host struct {
	name, id, agent string
	address         string // its IPv4 address
	role            *role
	jobs            []jobKind // of its role and those of every host
	weights         int       // of all jobs

	// What each document of the host says, ready to be copied.
	agentPart   string // `,"agent":{..}`
	elasticPart string // `"elastic":{..}`
	hostPart    string // `"host":{..}`

	habits   habits
	accounts map[string]*account
	humans   []*account
	daemons  []*process
	byPath   map[string]*process
	places   []*job // what runs there now
	sequence uint64 // the last event.sequence
	lastPID  int
}

// habits are what an agent's version and policy make of documents.
type habits struct {
	merges       bool // one document of fork, exec and end of a short process
	capabilities bool // process.thread.capabilities
	groups       bool // process.supplemental_groups
	previous     bool // process.previous
	environment  bool // process.env_vars
	noOutcome    bool // event.outcome is left out
	noForks      bool // an event filter drops most forks
	noEnds       bool // and most ends
	sha256Only   bool // no other hash
}

type system struct{ variant, family, platform, version, kernel string }

var systems = []system{
	{"Debian", "debian", "debian", "12", "6.1.0-37-amd64"},
	{"Ubuntu", "debian", "ubuntu", "24.04", "6.8.0-64-generic"},
	{"Ubuntu", "debian", "ubuntu", "22.04", "5.15.0-151-generic"},
	{"Red Hat Enterprise Linux", "redhat", "rhel", "9.6", "5.14.0-570.25.1.el9_6.x86_64"},
	{"Amazon Linux", "redhat", "amzn", "2023", "6.1.141-155.222.amzn2023.x86_64"},
}

// debians are how many of the systems have Debian's programs.
const debians = 3

// sites are where hosts stand, for their names.
var sites = []string{"fra1", "ams2", "dub1", "iad3", "sin1"}

// newHost makes the n-th host. Its daemons have run for hours.
func newHost(d *dice, c *catalog, n int, now int64) *host {
	h := &host{
		id: string(d.appendHex(d.appendHex(nil, 8), 8)), agent: string(d.appendUUID(nil)),
		address:  fmt.Sprintf("10.%d.%d.%d", 20+n/60_000, n/240%250, 5+n%240),
		accounts: map[string]*account{}, byPath: map[string]*process{},
		sequence: uint64(d.below(2_000_000)), lastPID: 600 + d.below(40_000),
	}
	name := ""
	h.role, name = c.pickRole(d, n)
	h.name = fmt.Sprintf("%s-%02d.%s.example.net", name, n+1, sites[d.skewed(len(sites))])
	h.habits = habits{
		merges: d.chance(0.2), capabilities: d.chance(0.3), groups: d.chance(0.35), previous: d.chance(0.5),
		environment: d.chance(0.2), noOutcome: d.chance(0.3), noForks: d.chance(0.35),
		noEnds: d.chance(0.15), sha256Only: d.chance(0.6),
	}
	h.writeParts(d, n)
	h.jobs = append(append(h.jobs, c.roles[0].jobs...), h.role.jobs...)
	for _, j := range h.jobs {
		h.weights += j.weight
	}
	h.addHumans(d)
	return h
}

var roleNames = []string{"all", "web", "app", "db", "ci", "node", "rhel"}

// pickRole gives the first hosts a role each, others one by its share.
func (c *catalog) pickRole(d *dice, n int) (*role, string) {
	if n+1 < len(c.roles) {
		return c.roles[n+1], roleNames[n+1]
	}
	at := d.below(100)
	for i, r := range c.roles {
		if at -= r.share; at < 0 {
			return r, roleNames[i]
		}
	}
	return c.roles[1], roleNames[1]
}

// writeParts writes what each document says of the host. One of three hosts sends
// the short form of host, as agents since 8.18 do unless told otherwise.
func (h *host) writeParts(d *dice, n int) {
	version := [...]string{"9.1.0", "8.19.2", "9.0.4", "8.18.3"}[d.skewed(4)]
	s := systems[d.skewed(debians)]
	if strings.HasPrefix(h.name, "rhel") {
		s = systems[debians+d.below(len(systems)-debians)]
	}
	h.agentPart = fmt.Sprintf(`,"agent":{"id":%q,"type":"endpoint","version":%q}`, h.agent, version)
	h.elasticPart = fmt.Sprintf(`"elastic":{"agent":{"id":%q}}`, h.agent)
	short, _, _ := strings.Cut(h.name, ".")
	os := fmt.Sprintf(`"os":{"Ext":{"variant":%q},"family":%q,"full":"%s %s","kernel":%q,"name":"Linux","platform":%q,"type":"linux","version":%q}`,
		s.variant, s.family, s.variant, s.version, s.kernel, s.platform, s.version)
	if d.chance(1.0 / 3) {
		h.hostPart = fmt.Sprintf(`"host":{"hostname":%q,"id":%q,"name":%q,%s}`, short, h.id, h.name, os)
		return
	}
	ips := fmt.Sprintf(`%q`, h.address) // of a host with one address the list is short
	switch d.below(4) {
	case 0:
	case 1:
		ips += fmt.Sprintf(`,"fd12:3456:789a:%x::%x","172.17.0.1","127.0.0.1","::1"`, d.below(65_536), n+1)
	default:
		ips += `,"127.0.0.1","::1"`
	}
	mac := fmt.Sprintf("02-42-%02X-%02X-%02X-%02X", d.below(256), d.below(256), n>>8&255, n&255)
	h.hostPart = fmt.Sprintf(`"host":{"architecture":"x86_64","hostname":%q,"id":%q,"ip":[%s],"mac":[%q],"name":%q,%s}`,
		short, h.id, ips, mac, h.name, os)
}

// start starts the daemons and makes room for jobs.
func (h *host) start(d *dice, c *catalog, s *scene, places int) {
	for _, r := range []*role{c.roles[0], h.role} {
		for _, dm := range r.daemons {
			p := &process{host: h, user: h.account(dm.user), started: s.now - second*int64(3600+d.below(900_000)) - int64(d.below(int(second)))}
			p.pid = 1
			if len(h.daemons) > 0 {
				p.pid = 400 + len(h.daemons)*37 + d.below(30)
				p.parent = h.daemons[0]
			}
			p.session, p.group, p.entry, p.entryType = p, p, p, "init"
			p.cwd = append(p.cwd, '/')
			p.identify()
			p.load(s, c.groups[dm.program][0])
			h.daemons = append(h.daemons, p)
			h.byPath[dm.program] = p
		}
	}
	for range places {
		h.places = append(h.places, &job{host: h})
	}
}

// pickJob draws what a place does next.
func (h *host) pickJob(d *dice) *jobKind {
	at := d.below(h.weights)
	for i := range h.jobs {
		if at -= h.jobs[i].weight; at < 0 {
			return &h.jobs[i]
		}
	}
	return &h.jobs[0]
}

// newPID returns a process number that was not in use lately.
func (h *host) newPID(d *dice) int {
	h.lastPID += 1 + d.below(3)
	if h.lastPID > 4_194_303 {
		h.lastPID = 1000
	}
	return h.lastPID
}

// account is who a process runs as, ready to be copied.
type account struct {
	name, id string
	user     string // `"user":{..}`
	group    string // `"group":{..}`
	realPart string // `"real_group":{..},"real_user":{..}`
	topUser  string // `"user":{..}` of the document
	topGroup string
	groups   string // `"supplemental_groups":[..]`
}

func newAccount(name string, id int, others ...string) *account {
	pair := fmt.Sprintf(`{"id":"%d","name":%q}`, id, name)
	groups := []string{pair}
	for i, other := range others {
		groups = append(groups, fmt.Sprintf(`{"id":"%d","name":%q}`, 20+i*7, other))
	}
	ext := `{"Ext":{"real":` + pair + `},` + pair[1:]
	return &account{
		name: name, id: strconv.Itoa(id), user: `"user":` + pair, group: `"group":` + pair,
		realPart: `"real_group":` + pair + `,"real_user":` + pair,
		topUser:  `"user":` + ext, topGroup: `"group":` + ext,
		groups: `"supplemental_groups":[` + strings.Join(groups, ",") + `]`,
	}
}

// services are accounts that programs run as.
var services = map[string]int{
	"root": 0, "syslog": 104, "messagebus": 102, "_chrony": 111, "prometheus": 997, "zabbix": 110, "www-data": 33, "postgres": 115,
	"redis": 116, "app": 998, "build": 999, "postfix": 108, "container": 65_532,
}

func (h *host) account(name string) *account {
	a := h.accounts[name]
	if a == nil {
		a = newAccount(name, services[name])
		h.accounts[name] = a
	}
	return a
}

var people = []string{
	"amelie", "bogdan", "carla", "deniz", "emre", "farida", "goran", "hanna", "ines", "jonas", "kofi", "lena", "mateo", "nadia", "oskar",
	"priya", "quentin", "rosa", "sven", "tomas", "ulla", "viktor", "wen", "ximena", "yusuf", "zora",
}

// addHumans gives the host some people who log in.
func (h *host) addHumans(d *dice) {
	others := [][]string{{}, {"sudo"}, {"adm", "sudo"}, {"adm", "docker", "sudo", "users"}}
	for range 2 + d.below(4) {
		at := d.skewed(len(people))
		h.humans = append(h.humans, newAccount(people[at], 1001+at, others[d.below(len(others))]...))
	}
}
