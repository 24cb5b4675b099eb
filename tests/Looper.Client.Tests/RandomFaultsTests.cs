using Looper.Core.Numerics;
using Looper.Testing;
using static Looper.Client.Tests.DeliveryTests;

namespace Looper.Client.Tests;

/// <summary>R19: faults in any order, with restarts of the product between them.</summary>
public sealed class RandomFaultsTests(ITestOutputHelper output)
{
    private static readonly Func<Call, Answer>[] s_faults =
    [
        _ => Answer.Problem(500), _ => Answer.Problem(503), _ => Answer.Problem(429, "Retry-After: 0\r\n"), _ => Answer.Problem(401), _ => Answer.Silent, _ => new(0, "", Kind: AnswerKind.Hangup),
        c => Answer.Healthy(c).As(AnswerKind.Cut), c => Answer.Healthy(c).As(AnswerKind.Stall), _ => new(0, "", Kind: AnswerKind.Noise), _ => new(200, "{}"), _ => new(200, "<html>"),
        c => c.IsDecide ? Answer.Problem(422) : Answer.Items(c, i => Value(i) % 3 == 0 ? 202 : 503),
        c => c.IsDecide || c.Items.Count == 1 ? Answer.Healthy(c) : Answer.Problem(413),
    ];

    [Fact]
    public async Task R19_in_any_order_of_faults_everything_taken_arrives_under_its_id_and_decide_never_throws()
    {
        var (taken, decided, fallbacks, sent) = (0, 0, 0, 0);
        for (var seed = 0; seed < Sizes.R19Seeds; seed++)
        {
            var run = new Run(Sizes.Seed + seed);
            await run.RunAsync();
            (taken, decided, fallbacks, sent) = (taken + run.Taken, decided + run.Decided, fallbacks + run.Fallbacks, sent + run.Sent);
        }
        Assert.True(fallbacks > 0 && decided > fallbacks && sent > taken, $"{fallbacks} fallbacks of {decided} decisions; {sent} sent of {taken}"); // there were faults, and they did not rule
        output.WriteLine(FaultLedger.Line("R19 .NET client", Sizes.R19Seeds, $"{taken} observations taken, {sent} sent, each arrived; {decided} decisions, {fallbacks} of them fallbacks"));
    }

    private sealed class Run(long seed)
    {
        private readonly Philox _random = new(seed, "R19");
        private readonly List<int> _taken = [];

        public int Taken => _taken.Count;
        public int Decided { get; private set; }
        public int Fallbacks { get; private set; }
        public int Sent { get; private set; }

        public async Task RunAsync()
        {
            using var directory = new TemporaryDirectory();
            await using var looper = new FaultyLooper { Answers = Answers };
            for (var start = 0; start < 3; start++)
            {
                var client = Clients.Of(looper.Url, TimeSpan.FromMilliseconds(15), directory.Path, batch: 1 + _random.Below(20), random: 0.005, flushEvery: TimeSpan.FromMilliseconds(10));
                for (var turn = 0; turn < 25; turn++) await TurnAsync(client);
                await client.CloseAsync(TimeSpan.FromMilliseconds(_random.Below(10)));
                Assert.Equal(0, client.Counters.Dropped.Closed + client.Counters.Dropped.Overflow + client.Counters.Dropped.Refused + client.Counters.Dropped.Invalid);
            }
            looper.Answers = Answer.Healthy;
            await using (var last = Clients.Of(looper.Url, spool: directory.Path)) Assert.True(await last.DeliversAsync());
            var has = looper.Has.ToLookup(h => Value(h.Item), h => h.Id);
            Assert.All(_taken, t => Assert.Single(has[t].Distinct()));
            Assert.Equal(_taken.Count, has.Count);
            Sent = looper.Calls.Where(c => !c.IsDecide).Sum(c => c.Items.Count);
        }

        private async Task TurnAsync(LooperClient client)
        {
            for (var i = _random.Below(4); i > 0; i--)
            {
                Observe(client, _taken.Count, 1);
                _taken.Add(_taken.Count);
            }
            var given = await client.DecideAsync("banner", "u", "none");
            Decided++;
            if (given.IsFallback) Fallbacks++;
            Assert.Equal(given.IsFallback ? "none" : "free-shipping", given.Value);
        }

        private Answer Answers(Call call)
        {
            lock (_random) return _random.Below(3) == 0 ? s_faults[_random.Below(s_faults.Length)](call) : Answer.Healthy(call);
        }
    }
}
