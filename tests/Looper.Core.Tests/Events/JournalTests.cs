using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class JournalTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_decision_comes_back_as_it_was_served()
    {
        await using var open = new OpenJournal(_folder.Path);
        var sent = Recorded.Decision("d-1", option: 2, experiment: Guid.CreateVersion7(Recorded.Noon), arm: 1) with { Configuration = """{"limit":3}"""u8.ToArray() };
        Assert.Equal(AppendStatus.Stored, await open.AddAsync(sent));
        var found = await open.Reader.FindDecisionAsync("d-1", default);
        Assert.NotNull(found);
        Assert.True(found.Served.Span.SequenceEqual(sent.Served.Span));
        Assert.True(found.Scores.AsSpan().SequenceEqual(sent.Scores.AsSpan()));
        Assert.True(found.Candidates.Span.SequenceEqual(sent.Candidates.Span));
        Assert.True(found.Configuration.Span.SequenceEqual(sent.Configuration.Span));
        Assert.Equal(
            sent with { Served = default, Candidates = default, Scores = default, Configuration = default },
            found with { Served = default, Candidates = default, Scores = default, Configuration = default });
    }

    [Fact]
    public async Task The_same_id_again_gives_the_stored_decision()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.AddAsync(Recorded.Decision("d-1", option: 2));
        var again = await open.Journal.AppendAsync(Recorded.Decision("d-1", option: 0), durable: false, default);
        Assert.Equal(AppendStatus.Replayed, again.Status);
        Assert.Equal(2, again.Stored!.Option);
    }

    [Fact]
    public async Task The_same_id_with_another_request_is_a_conflict()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.AddAsync(Recorded.Decision("d-1", hash: 1));
        Assert.Equal(AppendStatus.Conflict, await open.AddAsync(Recorded.Decision("d-1", hash: 2)));
    }

    [Fact]
    public async Task A_conflict_stores_nothing_of_its_call()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.AddAsync(Recorded.Observation("o-1", decision: "d-1"));
        Assert.Equal(AppendStatus.Conflict, await open.AddAsync(
            Recorded.Observation("o-2", decision: "d-1", outcome: "revenue"), Recorded.Observation("o-1", decision: "d-1", hash: 9)));
        var all = await open.Reader.ObservationsAsync(new(), null, 10, default);
        Assert.Equal(["o-1"], all.Items.Select(o => o.Id));
    }

    [Theory, InlineData(true), InlineData(false)] // as one hour's total, and as what is added to it
    public async Task Values_whose_total_is_no_number_stop_nothing(bool apart)
    {
        var number = 0;
        ObservationRecord Huge(double value) => Recorded.Observation($"o-{++number}", decision: $"d-{number}", outcome: "revenue", value: value);
        await using (var open = new OpenJournal(_folder.Path))
        {
            await open.Journal.AppendAsync([.. Enumerable.Range(0, 6).Select(i => Recorded.Decision($"d-{i}"))], durable: false, default);
            Assert.Equal(AppendStatus.Stored, await open.AddAsync(Huge(1e308), Huge(1e308)));
            if (!apart) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Huge(-1e308), Huge(-1e308)));
            using var reader = EventFile.OpenForReading(JournalOptions.In(_folder.Path));
            await Eventually.IsTrueAsync(() => Task.FromResult(EventFile.Scalar(reader, "SELECT count(*) FROM outcome_hours") == 1));
        }
        await using (var open = new OpenJournal(_folder.Path))
        {
            if (apart) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Huge(-1e308), Huge(-1e308)));
        }
        await using var again = new OpenJournal(_folder.Path);
        Assert.Equal(AppendStatus.Stored, await again.AddAsync(Recorded.Observation("after", decision: "d-0")));
        Assert.Equal(JournalState.Writing, again.Journal.Condition.State);
    }

    [Fact]
    public async Task A_batch_is_answered_record_by_record_in_order()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.AddAsync(Recorded.Decision("d-2", hash: 1));
        var answers = await open.Journal.AppendAsync(
            [Recorded.Decision("d-1"), Recorded.Decision("d-2", hash: 5), Recorded.Decision("d-1"), Recorded.Decision("d-2", hash: 1)], durable: true, default);
        Assert.Equal([AppendStatus.Stored, AppendStatus.Conflict, AppendStatus.Replayed, AppendStatus.Replayed], answers.Select(a => a.Status));
    }

    [Fact]
    public async Task Nothing_is_lost_between_two_openings()
    {
        await using (var first = new OpenJournal(_folder.Path))
        {
            for (var i = 0; i < 500; i++) await first.AddAsync(Recorded.Decision($"d-{i}", unit: $"user-{i}"));
        }
        await using var second = new OpenJournal(_folder.Path);
        Assert.Equal(500, second.Activity.Of(Recorded.Banner).Decisions);
        Assert.Equal(AppendStatus.Replayed, await second.AddAsync(Recorded.Decision("d-499", unit: "user-499")));
        Assert.False(File.Exists(_folder.File("events.db-wal")) && new FileInfo(_folder.File("events.db-wal")).Length > 0 && second.Journal.Condition.State != JournalState.Writing);
    }

    [Fact]
    public async Task Thousands_at_once_share_commits_and_flushes()
    {
        await using var open = new OpenJournal(_folder.Path);
        var senders = Enumerable.Range(0, 64).Select(async s =>
        {
            for (var i = 0; i < 50; i++) Assert.Equal(AppendStatus.Stored, await open.AddAsync(Recorded.Observation($"o-{s}-{i}", decision: $"d-{s}")));
        });
        await Task.WhenAll(senders);
        var condition = open.Journal.Condition;
        Assert.Equal(3_200, condition.Records);
        Assert.True(condition.Flushes < 1_600, $"{condition.Flushes} flushes for 3,200 observations of 64 senders");
    }

    [Fact]
    public async Task A_full_line_says_so()
    {
        await using var open = new OpenJournal(JournalOptions.In(_folder.Path) with { Capacity = 4 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => open.Journal.AppendAsync(Recorded.Decision($"d-{i}"), durable: true, default).AsTask()));
        var full = answers.Count(a => a.Status == AppendStatus.Full);
        Assert.InRange(full, 1, 499);
        var stored = (await open.Reader.DecisionsAsync(new(Recorded.Banner), null, 1_000, default)).Items.Count;
        Assert.Equal(500 - full, stored);
    }

    [Fact]
    public async Task The_first_decision_and_the_first_outcome_are_announced_once()
    {
        await using var open = new OpenJournal(_folder.Path);
        var heard = new List<Change>();
        using var listening = open.Changes.Subscribe(heard.Add);
        await open.AddAsync(Recorded.Observation("o-0", decision: "d-1"));
        await open.AddAsync(Recorded.Decision("d-1"));
        await open.AddAsync(Recorded.Decision("d-2"));
        await open.AddAsync(Recorded.Observation("o-1", decision: "d-2"));
        Assert.Equal([new(ChangeKind.FirstDecision, Recorded.Banner), new(ChangeKind.FirstOutcome, Recorded.Banner)], heard);
        Assert.Equal(2, open.Activity.Of(Recorded.Banner).Outcomes);
    }

    [Fact]
    public async Task After_the_end_it_answers_unavailable()
    {
        var open = new OpenJournal(_folder.Path);
        await open.DisposeAsync();
        Assert.Equal(AppendStatus.Unavailable, await open.AddAsync(Recorded.Decision("d-1")));
    }

    [Fact]
    public async Task An_empty_id_is_refused_at_once()
    {
        await using var open = new OpenJournal(_folder.Path);
        await Assert.ThrowsAsync<ArgumentException>(() => open.AddAsync(Recorded.Decision("")));
    }
}
