package server

import (
	"net/http"
	"strconv"
	"strings"
)

// client is the kind of program that sent a request, by what it says of itself.
type client uint8

const (
	otherClient client = iota
	beatClient         // Beats and Elastic Agent
	logstashClient
	fluentBitClient
	vectorClient
	rsyslogClient
	retryingClient // go-elasticsearch, opensearch-go and the two JavaScript ones
)

// names of clients, in metrics.
var clientNames = [...]string{"other", "beats", "logstash", "fluent-bit", "vector", "rsyslog", "elastic-client"}

func (c client) String() string { return clientNames[c] }

// agents are the beginnings of User-Agent in lower case.
var agents = []struct {
	prefix string
	client client
}{
	{"go-elasticsearch/", retryingClient},
	{"elasticsearch-js/", retryingClient},
	{"opensearch-go/", retryingClient},
	{"opensearch-js/", retryingClient},
	{"elastic-filebeat", beatClient},
	{"elastic-auditbeat", beatClient},
	{"elastic-metricbeat", beatClient},
	{"elastic-packetbeat", beatClient},
	{"elastic-winlogbeat", beatClient},
	{"elastic-heartbeat", beatClient},
	{"elastic-agent", beatClient},
	{"filebeat/", beatClient},
	{"auditbeat/", beatClient},
	{"packetbeat/", beatClient},
	{"elastic/logstash", logstashClient},
	{"logstash", logstashClient},
	{"fluent-bit", fluentBitClient},
	{"vector/", vectorClient},
}

// clientOf recognises the sender of a request. rsyslog is known by saying nothing
// of itself and naming the character set of JSON, which nobody else does.
func clientOf(r *http.Request) client {
	agent := r.UserAgent()
	if agent == "" {
		if strings.EqualFold(strings.ReplaceAll(r.Header.Get("Content-Type"), " ", ""), "application/json;charset=utf-8") {
			return rsyslogClient
		}
		return otherClient
	}
	agent = strings.ToLower(agent)
	for _, a := range agents {
		if strings.HasPrefix(agent, a.prefix) {
			return a.client
		}
	}
	return otherClient
}

// version is that of some Elasticsearch.
type version [3]int

// parseVersion reads major.minor.patch, behind which other things may follow.
func parseVersion(text string) (version, bool) {
	var v version
	for i := range v {
		end := 0
		for end < len(text) && end < 6 && '0' <= text[end] && text[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(text[:end])
		if err != nil {
			return v, false
		}
		v[i], text = n, text[end:]
		if i < len(v)-1 {
			if !strings.HasPrefix(text, ".") {
				return v, false
			}
			text = text[1:]
		}
	}
	return v, true
}

func (v version) less(w version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

func (v version) String() string {
	return strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}

// versionFor is the version that a client is told: the configured one, but to a
// Beat or an Agent of major 8 or 9 that is newer its own. A Beat may refuse an
// Elasticsearch that is older than itself.
func (s *Server) versionFor(r *http.Request) string {
	own, _ := parseVersion(s.cfg.ESVersion)
	if clientOf(r) == beatClient {
		_, rest, _ := strings.Cut(r.UserAgent(), "/")
		if theirs, ok := parseVersion(rest); ok && own.less(theirs) && (theirs[0] == 8 || theirs[0] == 9) {
			return theirs.String()
		}
	}
	return s.cfg.ESVersion
}
