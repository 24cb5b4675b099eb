using System.Globalization;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events.Histories;

/// <summary>What a decision was served with, and what training works out of the journal for the same decision, are the same bytes.</summary>
public sealed class HistoryParityTests : IDisposable
{
    private const int Steps = 600;

    private static readonly Dictionary<string, TimeSpan> s_none = [];

    private readonly TemporaryDirectory _folder = new();
    private readonly TestClock _clock = new(Recorded.Noon);
    private readonly List<DecisionRecord> _served = [];
    private readonly List<ObservationRecord> _reported = [];
    private readonly Philox _random = new(11, "parity");
    private readonly ServingSnapshot _snapshot = ServingSnapshot.Compile(new(Recorded.Noon, [new(
        Recorded.Banner, "banner", Salt: 42, CurrentVersion: 3, IsPaused: false, IsArchived: false, IsSimulated: false, [new(3, BlueprintJson.Write(LookingBack))], [], [], [])]));

    private static BlueprintContent Plain => new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("none"), new("some")],
        Default = "none",
        Features = [new("country", FeatureKind.Category)],
        Outcomes = [new("purchase", OutcomeKind.Boolean), new("revenue", OutcomeKind.Number)],
    };

    private static BlueprintContent LookingBack => Plain with
    {
        Features =
        [
            .. Plain.Features, Of("purchases", "purchase", HistoryAggregate.Count, 24), Of("since", "purchase", HistoryAggregate.Recency, 6),
            Of("spent", "revenue", HistoryAggregate.Sum, 24), Of("mean", "revenue", HistoryAggregate.Mean, 2), Of("purchasesLately", "purchase", HistoryAggregate.Count, 1),
        ],
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_served_is_what_training_works_out_from_the_journal_byte_for_byte()
    {
        var open = await OpenAsync();
        for (var step = 0; step < Steps; step++)
        {
            _clock.Turn(TimeSpan.FromSeconds(1 + _random.Below(300)));
            await (_random.Below(6) switch
            {
                0 => ReportAsync(open, decision: _served.Count == 0 ? "d-0" : _served[_random.Below(_served.Count)].Id),
                1 => ReportAsync(open, unit: Unit()),
                2 => ReportAsync(open, decision: $"d-{_served.Count + _random.Below(3)}"), // before its decision is there
                3 when _reported.Count > 0 => RepeatAsync(open),
                _ => DecideAsync(open),
            });
            if (step % 200 != 199) continue;
            await open.DisposeAsync(); // from here on what was in memory is gone
            open = await OpenAsync();
        }
        var versions = new VersionTable(LookingBack, [new(1, Plain), new(3, LookingBack)], recalls: true);
        var recalled = new RecalledRow(await open.Examples.ReplayAsync(Recorded.Banner, RecalledRow.Windows(LookingBack), s_none, DateTimeOffset.MinValue, default), versions);
        var distinct = new HashSet<string>();
        foreach (var decision in _served)
        {
            // As if an earlier version had decided, which knew the context alone.
            var worked = recalled.Complete(decision with { BlueprintVersion = 1, Served = decision.Served[..ContextBytes(decision)] }).Served;
            Assert.True(decision.Served.Span.SequenceEqual(worked.Span), $"{decision.Id}: {Convert.ToHexString(decision.Served.Span)} was served, {Convert.ToHexString(worked.Span)} is worked out.");
            Assert.True(decision.Served.Span.SequenceEqual(recalled.Complete(decision).Served.Span));
            distinct.Add(Convert.ToHexString(worked.Span));
        }
        Assert.True(distinct.Count > _served.Count / 2, $"{distinct.Count} different rows of {_served.Count}."); // there was something to get wrong
        Assert.Equal(0, open.Journal.Histories.Units.Unknown);
        await open.DisposeAsync();
    }

    [Fact]
    public async Task An_erased_unit_and_a_cleared_decision_point_leave_no_history()
    {
        await using var open = await OpenAsync();
        await DecideAsync(open, "ann");
        await DecideAsync(open, "bob");
        foreach (var decision in _served.ToList()) await open.AddAsync(Recorded.Observation($"o-{decision.Id}", decision: decision.Id, time: _clock.GetUtcNow()));
        _clock.Turn(TimeSpan.FromMinutes(1));
        await open.Journal.EraseAsync("ann", default);
        Assert.Equal((0.0, 1.0), (Count(open, "ann"), Count(open, "bob")));
        await open.RemoveAsync(RemovalOrder.OfPoint(Recorded.Banner));
        await open.Journal.Histories.Settled;
        Assert.Equal(0, Count(open, "bob"));
    }

    [Fact]
    public async Task An_erasure_up_to_a_moment_leaves_the_history_of_what_the_unit_sent_later()
    {
        await using var open = await OpenAsync();
        var first = _clock.GetUtcNow();
        await open.AddAsync(Recorded.Observation("o-1", unit: "ann", time: first));
        _clock.Turn(TimeSpan.FromMinutes(1));
        await open.AddAsync(Recorded.Observation("o-2", unit: "ann", time: _clock.GetUtcNow()));
        _clock.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(2, Count(open, "ann"));
        await open.Journal.EraseAsync("ann", first, default);
        await open.Journal.Histories.Settled;
        Assert.Equal(1, Count(open, "ann"));
    }

    [Fact]
    public async Task What_an_erased_unit_sends_while_the_log_is_emptied_of_it_is_in_its_history()
    {
        await using var open = await OpenAsync();
        await open.AddAsync(Recorded.Observation("o-1", unit: "ann", time: _clock.GetUtcNow()));
        Task<Removed> erasing;
        using (var reader = EventFile.OpenForReading(JournalOptions.In(_folder.Path)))
        {
            EventFile.Execute(reader, "BEGIN");
            EventFile.Scalar(reader, "SELECT count(*) FROM observations");
            erasing = open.Journal.EraseAsync("ann", default);
            await Eventually.IsTrueAsync(async () => (await open.Reader.ObservationsAsync(new(), null, 10, default)).Items.Count == 0);
            await open.AddAsync(Recorded.Observation("o-2", unit: "ann", time: _clock.GetUtcNow()));
        }
        await erasing;
        _clock.Turn(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Count(open, "ann"));
    }

    [Fact]
    public async Task What_is_asked_for_in_the_moment_when_a_reading_ends_is_read_too()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        var (histories, asked) = (open.Journal.Histories, 0);
        // A value that flows with the reading goes from its thread when the reading has done its work and is not completed yet.
        var reading = new AsyncLocal<bool>(change =>
        {
            if (!change.ThreadContextChanged || !change.PreviousValue || Interlocked.Increment(ref asked) > 1) return;
            histories.Follow(ServingSnapshot.Empty);
        }) { Value = true };
        histories.Follow(_snapshot);
        reading.Value = false;
        await histories.Settled;
        await histories.Settled; // of what was asked for in between
        Assert.Equal(1, asked);
        Assert.Null(histories.Units.Find(Recorded.Banner));
    }

    [Fact]
    public async Task A_feature_published_later_knows_what_was_reported_before_and_one_withdrawn_takes_no_memory()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        await open.AddAsync(Recorded.Decision("d-1", unit: "ann"));
        await open.AddAsync(Recorded.Observation("o-1", decision: "d-1"), Recorded.Observation("o-2", decision: "d-1", outcome: "other"));
        await open.AddAsync(Recorded.Observation("o-3", unit: "ann"));
        await open.AddAsync(Recorded.Decision("e-1", unit: "ann", point: new Ids(_clock).Next()));
        await open.AddAsync(Recorded.Observation("o-4", decision: "e-1")); // of another decision point
        _clock.Turn(TimeSpan.FromMinutes(1));
        Assert.True(double.IsNaN(Count(open, "ann")));
        open.Journal.Histories.Follow(_snapshot);
        await open.Journal.Histories.Settled;
        Assert.Equal(2, Count(open, "ann"));
        open.Journal.Histories.Follow(ServingSnapshot.Empty);
        await open.Journal.Histories.Settled;
        Assert.Equal((0L, 0L), (open.Journal.Histories.Units.Units, open.Journal.Histories.Units.Bytes));
    }

    [Fact] // a file says what came of a decision, not when: it may have been as late as the window allows
    public async Task What_was_imported_was_known_when_its_window_was_over()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        var (first, second, delays) = (Recorded.Noon.AddDays(-30), Recorded.Noon.AddDays(-30).AddHours(2), new Dictionary<string, TimeSpan> { ["purchase"] = TimeSpan.FromHours(1) });
        await open.AddAsync(Recorded.Decision("d-1", unit: "ann", time: first) with { Marks = RecordMarks.Imported });
        await open.AddAsync(Recorded.Decision("d-2", unit: "ann", time: second) with { Marks = RecordMarks.Imported });
        await open.AddAsync(Recorded.Observation("o-1", decision: "d-1", time: first, received: _clock.GetUtcNow(), marks: RecordMarks.Imported));
        var replay = await open.Examples.ReplayAsync(Recorded.Banner, RecalledRow.Windows(LookingBack), delays, DateTimeOffset.MinValue, default);
        double Purchases(DateTimeOffset at) => replay.At("ann", at).Value(HistoryAggregate.Count, Looper.Core.Serving.Histories.HistoryEvent.OutcomeOf("purchase"), 24 * TimeSpan.TicksPerHour);
        Assert.Equal((0.0, 0.0, 1.0), (Purchases(first), Purchases(first.AddMinutes(59)), Purchases(second)));
    }

    [Fact] // to a training that reads while a file comes in, or after, as of when it was asked for
    public async Task What_was_imported_came_with_its_decision()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        await open.AddAsync(Recorded.Decision("d-1") with { Marks = RecordMarks.Imported });
        await open.AddAsync(Recorded.Decision("d-2", unit: "user-2"));
        foreach (var (decision, marks) in new[] { ("d-1", RecordMarks.Imported), ("d-2", RecordMarks.None) })
            await open.AddAsync(Recorded.Observation($"o-{decision}", decision, time: Recorded.Noon, received: Recorded.Noon.AddDays(10), marks: marks));
        var examples = await open.Examples.ReadAsync(new(Recorded.Banner, [Plain.Outcomes[0]]) { AsOf = Recorded.Noon.AddDays(2) }, default).ToListAsync();
        Assert.Equal([1, 0], examples.OrderBy(e => e.Decision.Id, StringComparer.Ordinal).Select(e => e.Values[0]));
    }

    [Fact] // where an outcome may take as long as is looked back on, nothing that was known is known
    public async Task What_nobody_knows_of_an_imported_decision_is_missing_and_not_nothing()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        var versions = new VersionTable(LookingBack, [new(3, LookingBack)], recalls: true);
        using var replay = await open.Examples.ReplayAsync(Recorded.Banner, versions.Recalls, versions.Delays, DateTimeOffset.MinValue, default);
        var served = new byte[64];
        var length = ServedRow.WriteText(served, "NL"u8);
        foreach (var _ in LookingBack.Features[1..]) length += ServedRow.WriteMissing(served.AsSpan(length));
        var decision = Recorded.Decision("d-1") with { BlueprintVersion = 3, Marks = RecordMarks.Imported, Served = served.AsMemory(0, length) };
        Assert.Equal(ServedKind.Missing, Purchases(new RecalledRow(replay, versions).Complete(decision)));
        var shorter = LookingBack with { Outcomes = [.. LookingBack.Outcomes.Select(o => o with { Window = TimeSpan.FromMinutes(10) })] };
        Assert.Equal(ServedKind.Number, Purchases(new RecalledRow(replay, new VersionTable(shorter, [new(3, shorter)], recalls: true)).Complete(decision)));

        static ServedKind Purchases(DecisionRecord record)
        {
            var reader = new ServedRowReader(record.Served.Span);
            Assert.True(reader.Read() && reader.Read());
            return reader.Kind;
        }
    }

    [Fact]
    public async Task What_nobody_looks_back_on_is_not_held()
    {
        await using var open = new OpenJournal(_folder.Path, _clock);
        var old = Recorded.Noon.AddDays(-30);
        await open.AddAsync(Recorded.Decision("d-1", unit: "ann", time: old));
        await open.AddAsync(Recorded.Decision("d-2", unit: "ann"));
        await open.AddAsync(Recorded.Observation("o-1", decision: "d-1", time: old), Recorded.Observation("o-2", decision: "d-2", time: Recorded.Noon));
        Assert.Equal(2, (await open.Examples.ReplayAsync(Recorded.Banner, RecalledRow.Windows(LookingBack), s_none, DateTimeOffset.MinValue, default)).Reports);
        Assert.Equal(1, (await open.Examples.ReplayAsync(Recorded.Banner, RecalledRow.Windows(LookingBack), s_none, Recorded.Noon.AddDays(-1), default)).Reports);
    }

    private double Count(OpenJournal open, string unit)
    {
        var known = new Looper.Core.Serving.Histories.KnownHistory();
        open.Journal.Histories.Units.Read(Recorded.Banner, Encoding.UTF8.GetBytes(unit), _clock.GetUtcNow().UtcTicks, known);
        return known.Value(HistoryAggregate.Count, Looper.Core.Serving.Histories.HistoryEvent.OutcomeOf("purchase"), TimeSpan.TicksPerHour);
    }

    private async Task<OpenJournal> OpenAsync()
    {
        var open = new OpenJournal(_folder.Path, _clock);
        open.Journal.Histories.Follow(_snapshot);
        await open.Journal.Histories.Settled;
        return open;
    }

    private async Task DecideAsync(OpenJournal open, string? unit = null)
    {
        var (id, who) = ($"d-{_served.Count}", unit ?? Unit());
        var workspace = new DecisionWorkspace();
        var now = _clock.GetUtcNow();
        Decide(open, who, id, workspace, now);
        var record = Recorded.Decision(id, unit: who, time: now) with { Served = workspace.Served.ToArray() };
        Assert.Equal(AppendStatus.Stored, await open.AddAsync(record));
        _served.Add(record);
    }

    private void Decide(OpenJournal open, string unit, string id, DecisionWorkspace workspace, DateTimeOffset now)
    {
        var request = new DecisionRequest(Encoding.UTF8.GetBytes(unit), Encoding.UTF8.GetBytes(id), """{"country":"NL"}"""u8) { At = now, Histories = open.Journal.Histories.Units };
        DecisionEngine.Decide(_snapshot, _snapshot.Points[0], request, workspace);
    }

    private async Task ReportAsync(OpenJournal open, string? decision = null, string? unit = null)
    {
        var now = _clock.GetUtcNow();
        var late = _random.Below(3) == 0 ? TimeSpan.FromMinutes(_random.Below(40 * 60)) : TimeSpan.Zero;
        var report = Recorded.Observation(
            string.Create(CultureInfo.InvariantCulture, $"o-{_reported.Count}"), decision, unit, _random.Below(2) == 0 ? "purchase" : "revenue", _random.Below(4) == 0 ? 0 : 1 + _random.Uniform(), now - late, now);
        Assert.Equal(AppendStatus.Stored, await open.AddAsync(report));
        _reported.Add(report);
    }

    private async Task RepeatAsync(OpenJournal open) =>
        Assert.Equal(AppendStatus.Replayed, await open.AddAsync(_reported[_random.Below(_reported.Count)] with { ReceivedAt = _clock.GetUtcNow() }));

    private string Unit() => $"user-{_random.Below(12)}";

    private static int ContextBytes(DecisionRecord decision) => 1 + (decision.Served.Span[0] & 0x7F); // a short text

    private static Feature Of(string name, string outcome, HistoryAggregate aggregate, int hours) =>
        new(name, FeatureKind.Number) { Derived = new HistoryDerivation(outcome, aggregate, TimeSpan.FromHours(hours)) };
}
