package live

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// entry is an entry of the journal as `journalctl --output=json` writes it: fields
// with text, with a list of numbers where the bytes are no text, or with a list of
// such values where a field stands more than once.
type entry map[string]json.RawMessage

func parseEntry(line []byte) (entry, error) {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, err
	}
	if e.text("__CURSOR") == "" {
		return nil, errors.New("an entry without __CURSOR")
	}
	return e, nil
}

// text returns a field's value; of several the first.
func (e entry) text(name string) string { return entryText(e[name]) }

func entryText(raw json.RawMessage) string {
	if len(raw) == 0 {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return ""
	}
	if c := list[0]; c[0] == '"' || c[0] == '[' {
		return entryText(c)
	}
	text := make([]byte, 0, len(list))
	for _, n := range list {
		b, err := strconv.ParseUint(string(n), 10, 8)
		if err != nil {
			return ""
		}
		text = append(text, byte(b))
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// entryFields say where the journal's fields go. Only what is known to mean the same
// in ECS is taken.
var entryFields = []struct {
	from, to string
	number   bool
}{
	{"MESSAGE", "message", false},
	{"_HOSTNAME", "host.name", false},
	{"_MACHINE_ID", "host.id", false},
	{"_BOOT_ID", "host.boot.id", false},
	{"_PID", "process.pid", true},
	{"_COMM", "process.name", false},
	{"_EXE", "process.executable", false},
	{"_CMDLINE", "process.command_line", false},
	{"_UID", "user.id", false},
	{"_GID", "group.id", false},
	{"PRIORITY", "log.syslog.severity.code", true},
	{"SYSLOG_FACILITY", "log.syslog.facility.code", true},
	{"SYSLOG_IDENTIFIER", "log.syslog.appname", false},
	{"SYSLOG_PID", "log.syslog.procid", false},
	{"_SYSTEMD_UNIT", "systemd.unit", false},
	{"_SYSTEMD_USER_UNIT", "systemd.user_unit", false},
	{"_TRANSPORT", "systemd.transport", false},
	{"CONTAINER_ID_FULL", "container.id", false},
	{"CONTAINER_NAME", "container.name", false},
}

// event is an entry as an event.
func (e entry) event() []byte {
	fields := map[string]any{
		"event.id":              e.text("__CURSOR"),
		"event.kind":            "event",
		"event.module":          "journald",
		"event.dataset":         "journald",
		"data_stream.type":      "logs",
		"data_stream.dataset":   "journald",
		"data_stream.namespace": "default",
	}
	if micros, err := strconv.ParseInt(e.text("__REALTIME_TIMESTAMP"), 10, 64); err == nil {
		fields["@timestamp"] = time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.000000Z07:00")
	}
	for _, f := range entryFields {
		text := e.text(f.from)
		if text == "" {
			continue
		}
		fields[f.to] = text
		if f.number {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				delete(fields, f.to)
				continue
			}
			fields[f.to] = n
		}
	}
	doc := map[string]any{}
	for path, v := range fields {
		in := doc
		parts := strings.Split(path, ".")
		for _, name := range parts[:len(parts)-1] {
			next, ok := in[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				in[name] = next
			}
			in = next
		}
		in[parts[len(parts)-1]] = v
	}
	raw, _ := json.Marshal(doc) // maps, text and numbers
	return raw
}
