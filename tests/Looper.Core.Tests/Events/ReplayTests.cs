using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Testing.Events;

namespace Looper.Core.Tests.Events;

public sealed class ReplayTests(ITestOutputHelper output)
{
    private const int Senders = 10;

    [Fact]
    public async Task R7_ten_senders_of_the_same_ids_have_one_effect_each_across_a_restart()
    {
        using var folder = new TemporaryDirectory();
        var stored = 0;
        for (var start = 0; start < 2; start++)
        {
            await using var open = new OpenJournal(folder.Path);
            var senders = Enumerable.Range(0, Senders).Select(s => SendAllAsync(open, s));
            stored += (await Task.WhenAll(senders)).Sum();
        }
        Assert.Equal(Sizes.R7Ids * 2, stored);
        await using var last = new OpenJournal(folder.Path);
        Assert.Equal((Sizes.R7Ids, Sizes.R7Ids), (last.Activity.Of(Recorded.Banner).Decisions, last.Activity.Of(Recorded.Banner).Outcomes));
        var examples = await last.Examples.ReadAsync(new(Recorded.Banner, [new("purchase", OutcomeKind.Count) { Aggregation = Aggregation.Sum }]), default).ToListAsync();
        Assert.Equal(Sizes.R7Ids, examples.Count);
        Assert.All(examples, e => Assert.Equal(1, e.Values[0]));
        output.WriteLine(FaultLedger.Line("R7", Sizes.R7Ids * Senders * 2, "calls with ids that were sent before, across a restart"));
    }

    // Each in an order of its own, single and in batches, some with another body.
    private static async Task<int> SendAllAsync(OpenJournal open, int sender)
    {
        var order = Enumerable.Range(0, Sizes.R7Ids).ToArray();
        new Philox(Sizes.Seed, "R7", sender).Shuffle<int>(order);
        var stored = 0;
        foreach (var chunk in order.Chunk(25))
        {
            var decisions = sender % 2 == 0
                ? await open.Journal.AppendAsync([.. chunk.Select(i => Recorded.Decision($"d-{i}", unit: $"user-{i}", option: sender))], durable: false, default)
                : await Task.WhenAll(chunk.Select(i => open.Journal.AppendAsync(Recorded.Decision($"d-{i}", unit: $"user-{i}", option: sender), durable: i % 3 == 0, default).AsTask()));
            foreach (var (answer, i) in decisions.Zip(chunk))
            {
                if (answer.Status == AppendStatus.Replayed) Assert.Equal((await open.Reader.FindDecisionAsync($"d-{i}", default))!.Option, answer.Stored!.Option);
                else Assert.Equal(AppendStatus.Stored, answer.Status);
            }
            stored += decisions.Count(d => d.Status == AppendStatus.Stored);
            var observations = await open.Journal.AppendAsync([.. chunk.Select(i => new[] { Recorded.Observation($"o-{i}", $"d-{i}") })], default);
            stored += observations.Count(o => o.Status == AppendStatus.Stored);
            var changed = await open.Journal.AppendAsync(Recorded.Decision($"d-{chunk[0]}", hash: 99), durable: false, default);
            Assert.Equal(AppendStatus.Conflict, changed.Status);
            Assert.Equal(AppendStatus.Conflict, await open.AddAsync(Recorded.Observation($"o-{chunk[0]}", $"d-{chunk[0]}", hash: 99)));
        }
        return stored;
    }
}
