using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Events.Sqlite;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

/// <summary>Many rows go in with one statement; one that is there already must not change what becomes of the others.</summary>
public sealed class LotTests : IDisposable
{
    private const int Rows = 45; // two lots and a rest

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, InlineData(0), InlineData(20), InlineData(Rows - 1)]
    public async Task One_decision_of_a_batch_that_is_there_already_is_answered_for_itself(int at)
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.Journal.AppendAsync(Recorded.Decision($"d-{at}", unit: "earlier"), durable: false, default);
        var batch = Enumerable.Range(0, Rows).Select(i => Recorded.Decision($"d-{i}")).Append(Recorded.Decision("d-7", hash: 99)).ToArray();
        var answers = await open.Journal.AppendAsync(batch, durable: true, default);
        for (var i = 0; i < Rows; i++) Assert.Equal(i == at ? AppendStatus.Replayed : AppendStatus.Stored, answers[i].Status);
        Assert.Equal("earlier", answers[at].Stored!.Unit);
        Assert.Equal(AppendStatus.Conflict, answers[Rows].Status);
        Assert.Equal(Rows, open.Activity.Of(Recorded.Banner).Decisions);
        var kept = await open.Examples.ReadAsync(new(Recorded.Banner, [new("purchase", OutcomeKind.Count)]), default).ToListAsync();
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"d-{i}").Order(), kept.Select(e => e.Decision.Id).Order());
    }

    [Theory, InlineData(0), InlineData(20), InlineData(Rows - 1)]
    public async Task One_call_of_a_batch_that_is_in_conflict_stores_nothing_and_the_others_all(int at)
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.Journal.AppendAsync([.. Enumerable.Range(0, Rows).Select(i => Recorded.Decision($"d-{i}"))], durable: false, default);
        await open.AddAsync(Recorded.Observation($"o-{at}", $"d-{at}", hash: 99));
        var calls = Enumerable.Range(0, Rows).Select(i => new[] { Recorded.Observation($"first-{i}", $"d-{i}"), Recorded.Observation($"o-{i}", $"d-{i}") }).ToArray();
        var answers = await open.Journal.AppendAsync(calls, default);
        for (var i = 0; i < Rows; i++) Assert.Equal(i == at ? AppendStatus.Conflict : AppendStatus.Stored, answers[i].Status);
        var again = await open.Journal.AppendAsync(calls, default);
        for (var i = 0; i < Rows; i++) Assert.Equal(i == at ? AppendStatus.Conflict : AppendStatus.Replayed, again[i].Status);
        Assert.Equal((2 * Rows) - 1, open.Activity.Of(Recorded.Banner).Outcomes);
    }

    [Fact]
    public async Task Outcomes_that_came_before_their_decisions_count_when_these_come_in_one_batch()
    {
        await using var open = new OpenJournal(_folder.Path);
        await open.Journal.AppendAsync([.. Enumerable.Range(0, Rows).Select(i => new[] { Recorded.Observation($"o-{i}", $"d-{i}") })], default);
        Assert.Equal(0, open.Activity.Of(Recorded.Banner).Outcomes);
        await open.Journal.AppendAsync([.. Enumerable.Range(0, Rows).Select(i => Recorded.Decision($"d-{i}"))], durable: false, default);
        Assert.Equal(Rows, open.Activity.Of(Recorded.Banner).Outcomes);
    }

    [Theory, InlineData(1), InlineData(Rows)]
    public async Task A_number_is_never_given_twice_even_when_the_newest_rows_were_removed(int after)
    {
        for (var round = 0; round < 3; round++)
        {
            await using var open = new OpenJournal(_folder.Path);
            await open.Journal.AppendAsync([.. Enumerable.Range(0, Rows).Select(i => Recorded.Decision($"kept-{round}-{i}"))], durable: false, default);
            await open.Journal.AppendAsync([.. Enumerable.Range(0, Rows).Select(i => Recorded.Decision($"gone-{round}-{i}", unit: "leaves"))], durable: false, default);
            Assert.Equal(Rows, (await open.Journal.EraseAsync("leaves", default)).Decisions);
            if (round == 1) continue; // the next one starts behind what is gone
            await open.Journal.AppendAsync([.. Enumerable.Range(0, after).Select(i => Recorded.Decision($"after-{round}-{i}")).Append(Recorded.Decision("after-0-0"))], durable: false, default);
        }
        using var connection = EventFile.OpenForReading(JournalOptions.In(_folder.Path));
        using var rows = new Statement(connection, "SELECT seq FROM decisions ORDER BY seq");
        var numbers = new List<long>();
        while (rows.Step()) numbers.Add(rows.Int64(0));
        long[] expected = [.. new (int First, int After)[] { (1, after), ((2 * Rows) + after + 1, 0), ((4 * Rows) + after + 1, after) }
            .SelectMany(round => Enumerable.Range(round.First, Rows).Concat(Enumerable.Range(round.First + (2 * Rows), round.After))).Select(n => (long)n)];
        Assert.Equal(expected, numbers);
    }
}
