// River as an email queue: inserts jobs as told on standard input, works each by one HTTP POST to the provider.
// Argument: the settings as one JSON object; the database comes from the PG* variables. A line in is one JSON order, a
// line out its JSON result; the end of the input stops the program.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

type settings struct {
	ProviderPort      int `json:"provider_port"`
	CallsAtOnce       int `json:"calls_at_once"`
	MaxWorkers        int `json:"max_workers"`
	FetchCooldownMs   int `json:"fetch_cooldown_ms"`
	FetchPollMs       int `json:"fetch_poll_ms"`
	InsertBatch       int `json:"insert_batch"`
	Callers           int `json:"callers"`
	ConnectionsMax    int `json:"connections_max"`
	CallTimeoutMs     int `json:"call_timeout_ms"`
	StopTimeoutMs     int `json:"stop_timeout_ms"`
	DatabaseTimeoutMs int `json:"database_timeout_ms"`
}

// order: insert Count jobs, "bulk" in batches or "single" from Callers at once; PerS 0 is as fast as possible.
type order struct {
	Insert string `json:"insert"`
	Count  int    `json:"count"`
	PerS   int    `json:"per_s"`
}

type email struct {
	MessageID string `json:"message_id"`
	To        string `json:"to"`
	Subject   string `json:"subject"`
	Text      string `json:"text"`
	HTML      string `json:"html"`
}

func (email) Kind() string { return "email" }

type metadata struct {
	MessageID string `json:"message_id"`
	Attempt   string `json:"attempt"`
}

type postmarkMail struct {
	From          string
	To            string
	Subject       string
	TextBody      string
	HtmlBody      string
	MessageStream string
	Metadata      metadata
}

type emailWorker struct {
	river.WorkerDefaults[email]
	client *http.Client
	url    string
}

func (w *emailWorker) Work(ctx context.Context, job *river.Job[email]) error {
	mail := job.Args
	body, err := json.Marshal(postmarkMail{"hello@carillon.example", mail.To, mail.Subject, mail.Text, mail.HTML, "outbound",
		metadata{mail.MessageID, fmt.Sprint(job.Attempt)}})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Postmark-Server-Token", "sandbox-token")
	answer, err := w.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("provider answered %d", answer.StatusCode)
	}
	return nil
}

// newEmail's message id begins with the time the request was due: who lists the provider's calls can tell the delay.
func newEmail(due time.Time, n int) email {
	return email{
		MessageID: fmt.Sprintf("%d-%d", due.UnixMicro(), n),
		To:        fmt.Sprintf("r%d@example.com", n),
		Subject:   "Your statement is ready",
		Text:      "Hello, your statement for this month is ready. You can read it in your account at any time.",
		HTML:      "<p>Hello, your statement for this month is ready. You can read it in your account at any time.</p>",
	}
}

func insertBulk(ctx context.Context, client *river.Client[pgx.Tx], todo order, batch int) error {
	for from := 0; from < todo.Count; from += batch {
		params := make([]river.InsertManyParams, 0, batch)
		for n := from; n < min(from+batch, todo.Count); n++ {
			params = append(params, river.InsertManyParams{Args: newEmail(time.Now(), n)})
		}
		if _, err := client.InsertManyFast(ctx, params); err != nil {
			return err
		}
	}
	return nil
}

// insertSingle: at a rate a job's time begins when it was due, also when every caller is busy then.
func insertSingle(ctx context.Context, client *river.Client[pgx.Tx], todo order, callers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs, began := make(chan email, todo.Count), time.Now()
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			for job := range jobs {
				if _, err := client.Insert(ctx, job, nil); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for n := range todo.Count {
		due := time.Now()
		if todo.PerS > 0 {
			due = began.Add(time.Duration(n) * time.Second / time.Duration(todo.PerS))
			<-time.After(time.Until(due))
		}
		jobs <- newEmail(due, n)
	}
	close(jobs)
	done.Wait()
	return context.Cause(ctx)
}

func run(ctx context.Context, set settings) error {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return err
	}
	config.MaxConns = int32(set.ConnectionsMax)
	config.ConnConfig.ConnectTimeout = time.Duration(set.DatabaseTimeoutMs) * time.Millisecond
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &emailWorker{
		client: &http.Client{Transport: &http.Transport{MaxConnsPerHost: set.CallsAtOnce, MaxIdleConnsPerHost: set.CallsAtOnce}},
		url:    fmt.Sprintf("http://127.0.0.1:%d/email", set.ProviderPort),
	})
	client, err := river.NewClient(driver, &river.Config{
		FetchCooldown:     time.Duration(set.FetchCooldownMs) * time.Millisecond,
		FetchPollInterval: time.Duration(set.FetchPollMs) * time.Millisecond,
		JobTimeout:        time.Duration(set.CallTimeoutMs) * time.Millisecond,
		Logger:            slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: set.MaxWorkers}},
		Workers:           workers,
	})
	if err != nil {
		return err
	}
	if err := client.Start(ctx); err != nil {
		return err
	}
	orders, results := bufio.NewScanner(os.Stdin), json.NewEncoder(os.Stdout)
	if err := results.Encode(map[string]bool{"ready": true}); err != nil {
		return err
	}
	for orders.Scan() {
		var todo order
		if err := json.Unmarshal(orders.Bytes(), &todo); err != nil {
			return err
		}
		began := time.Now()
		if todo.Insert == "bulk" {
			err = insertBulk(ctx, client, todo, set.InsertBatch)
		} else {
			err = insertSingle(ctx, client, todo, set.Callers)
		}
		if err != nil {
			return err
		}
		if err := results.Encode(map[string]float64{"seconds": time.Since(began).Seconds()}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(set.StopTimeoutMs)*time.Millisecond)
	defer cancel()
	return client.Stop(ctx)
}

func main() {
	var set settings
	err := json.Unmarshal([]byte(os.Args[1]), &set)
	if err == nil {
		err = run(context.Background(), set)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
