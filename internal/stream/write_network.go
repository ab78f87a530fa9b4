package stream

import (
	"bytes"
	"strconv"
)

// socket is a connection of a process.
type socket struct {
	remote, local         []byte // addresses
	remotePort, localPort int
	ingress, six          bool
}

// dial opens a connection to a port: on the internet, or of another host.
func (s *scene) dial(k *socket, h *host, port int) {
	k.ingress, k.six = false, false
	k.remotePort, k.localPort = port, 32_768+s.below(28_232)
	k.local = append(k.local[:0], h.address...)
	switch public := port == 443 || port == 80 || port == 22; {
	case public && s.chance(0.06):
		k.six = true
		k.local = strconv.AppendInt(append(k.local[:0], "2a01:4f8:c17:"...), int64(h.lastPID%9000), 16)
		k.local = append(k.local, "::2"...)
		k.remote = strconv.AppendInt(append(k.remote[:0], "2606:4700:10::"...), int64(1+s.skewed(4000)), 16)
	case public:
		k.remote = s.appendPublic(k.remote[:0])
	case s.chance(0.2):
		k.local, k.remote = append(k.local[:0], "127.0.0.1"...), append(k.remote[:0], "127.0.0.1"...)
	default:
		k.remote = append(k.remote[:0], s.hosts[s.skewed(len(s.hosts))].address...)
	}
}

// visit opens a connection to the host.
func (s *scene) visit(k *socket, h *host, port int) {
	k.ingress, k.six = true, false
	k.remotePort, k.localPort = 1024+s.below(64_000), port
	k.local = append(k.local[:0], h.address...)
	if port == 443 || port == 22 {
		k.remote = s.appendPublic(k.remote[:0])
		return
	}
	k.remote = append(k.remote[:0], s.hosts[s.skewed(len(s.hosts))].address...)
}

// network writes an event of a connection. The side that opened it is the source.
func (s *scene) network(dst []byte, p *process, a action, k *socket) []byte {
	c := &networkCategory
	dst = s.begin(dst, p, c)
	from, to, fromPort, toPort := k.local, k.remote, k.localPort, k.remotePort
	if k.ingress {
		from, to, fromPort, toPort = to, from, toPort, fromPort
	}
	ended := a == actDisconnect
	dst = s.side(append(dst, `"destination":`...), to, toPort, ended, 400_000)
	dst = s.hostAndGroup(s.event(dst, p, c, a), p, c)
	dst = append(dst, `"network":{"direction":"`...)
	if k.ingress {
		dst = append(dst, `ingress","transport":"tcp","type":"`...)
	} else {
		dst = append(dst, `egress","transport":"tcp","type":"`...)
	}
	if bytes.IndexByte(to, ':') >= 0 {
		dst = append(dst, `ipv6"},`...)
	} else {
		dst = append(dst, `ipv4"},`...)
	}
	dst = append(s.actor(dst, p), ',')
	dst = s.side(append(dst, `"source":`...), from, fromPort, ended, 6_000)
	return append(append(dst, p.user.topUser...), '}')
}

// side writes source or destination.
func (s *scene) side(dst, address []byte, port int, ended bool, most int) []byte {
	dst = append(append(append(dst, `{"address":"`...), address...), '"')
	if ended {
		dst = strconv.AppendInt(append(dst, `,"bytes":`...), int64(s.skewed(most)), 10)
	}
	dst = append(append(append(dst, `,"ip":"`...), address...), `","port":`...)
	dst = strconv.AppendInt(dst, int64(port), 10)
	return append(dst, `},`...)
}
