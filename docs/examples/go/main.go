// Publishes one send request for Carillon on its Kafka topic and waits until the brokers have stored it.
//
// Exit code 0: stored; its place is printed. 1: not stored, or nobody knows; the same call again is harmless. 2: wrong
// usage.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"

	"send-request/events" // made by generate.sh
)

type options struct {
	brokers, topic, source, id, template, to, client, priority string
	variables                                                  map[string]any
	structured                                                 bool
	timeout                                                    time.Duration
}

// event holds the attributes of the CloudEvent; in structured mode it is the record's value.
type event struct {
	SpecVersion     string          `json:"specversion"`
	Type            string          `json:"type"`
	Source          string          `json:"source"`
	ID              string          `json:"id"`
	Time            string          `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Traceparent     string          `json:"traceparent"`
	Data            json.RawMessage `json:"data"`
}

// lastTrouble keeps why the last connection failed: what an expired wait doesn't say by itself.
type lastTrouble struct{ err atomic.Pointer[error] }

func (t *lastTrouble) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		t.err.Store(&err)
	}
}

func parsed() options {
	o := options{variables: map[string]any{}}
	flag.StringVar(&o.brokers, "brokers", "", "host:port,host:port (required)")
	flag.StringVar(&o.topic, "topic", "notification.send-requests.v1", "with the installation's prefix, if it has one")
	flag.StringVar(&o.source, "source", "", "your service's name; the id is unique within it (required)")
	flag.StringVar(&o.id, "id", "", "idempotency key: the same for every repeat of this request (required)")
	flag.StringVar(&o.template, "template", "", "template key, e.g. ADMIN_MANUAL (required)")
	flag.StringVar(&o.to, "to", "", "address or number; without it the client's own contact")
	flag.StringVar(&o.client, "client", "", "client id, for templates that need one")
	flag.StringVar(&o.priority, "priority", "", "CRITICAL, NORMAL or BULK instead of the template's own")
	flag.BoolVar(&o.structured, "structured", false, "CloudEvents in structured instead of binary mode")
	seconds := flag.Float64("timeout", 10, "how many seconds to wait for the brokers")
	flag.Func("var", "NAME=VALUE, a variable of the template; may be repeated", func(text string) error {
		name, value, found := strings.Cut(text, "=")
		if name == "" || !found {
			return errors.New("not NAME=VALUE")
		}
		o.variables[name] = value
		return nil
	})
	flag.Parse()
	o.timeout = time.Duration(*seconds * float64(time.Second))
	_, known := events.Priority_Value_value[o.priority]
	if o.brokers == "" || o.source == "" || o.id == "" || o.template == "" || o.timeout <= 0 || (o.priority != "" && !known) {
		flag.Usage()
		os.Exit(2)
	}
	return o
}

// requestJSON is proto3's JSON mapping with the field names of the .proto files.
func requestJSON(o options) ([]byte, error) {
	variables, err := structpb.NewStruct(o.variables)
	if err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{UseProtoNames: true}.Marshal(&events.SendRequest{
		IdempotencyKey: o.id,
		TemplateKey:    o.template,
		Recipient:      o.to,
		ClientId:       o.client,
		Variables:      variables,
		Priority:       events.Priority_Value(events.Priority_Value_value[o.priority]), // the enum Value inside the message Priority
	})
}

func recordOf(o options, traceID string) (*kgo.Record, error) {
	data, err := requestJSON(o)
	if err != nil {
		return nil, err
	}
	e := event{"1.0", "carillon.send-request.v1", o.source, o.id, time.Now().UTC().Format(time.RFC3339Nano), "application/json",
		"00-" + traceID + "-" + randomHex(8) + "-01", data}
	record := &kgo.Record{Topic: o.topic, Key: []byte(o.id)}
	if o.client != "" {
		record.Key = []byte(o.client)
	}
	header := func(name, value string) {
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	if o.structured {
		header("content-type", "application/cloudevents+json")
		record.Value, err = json.Marshal(e)
		return record, err
	}
	header("ce_specversion", e.SpecVersion)
	header("ce_type", e.Type)
	header("ce_source", e.Source)
	header("ce_id", e.ID)
	header("ce_time", e.Time)
	header("content-type", e.DataContentType)
	header("traceparent", e.Traceparent)
	record.Value = data
	return record, nil
}

// publish waits until the record is stored; the client is idempotent and asks for acks=all unless told otherwise.
func publish(o options, record *kgo.Record) error {
	trouble := &lastTrouble{}
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(o.brokers, ",")...), kgo.RecordDeliveryTimeout(o.timeout), kgo.WithHooks(trouble))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	stored := make(chan error, 1)
	client.Produce(ctx, record, func(_ *kgo.Record, err error) { stored <- err })
	select {
	case err = <-stored:
	case <-ctx.Done(): // the client keeps a record that may be on its way; we don't wait for it
		err = ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, kgo.ErrRecordTimeout) {
		err = fmt.Errorf("not acknowledged within %v s", o.timeout.Seconds())
		if reason := trouble.err.Load(); reason != nil {
			err = fmt.Errorf("%w; %w", err, *reason)
		}
	}
	return err
}

func randomHex(bytes int) string {
	raw := make([]byte, bytes)
	rand.Read(raw) // never fails
	return hex.EncodeToString(raw)
}

func main() {
	o := parsed()
	traceID := randomHex(16) // in a service: of the trace that you are in
	record, err := recordOf(o, traceID)
	if err == nil {
		err = publish(o, record)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "send-request: %s: %v\n", o.topic, err)
		os.Exit(1)
	}
	fmt.Printf("stored %s/%d/%d trace %s\n", record.Topic, record.Partition, record.Offset, traceID)
}
