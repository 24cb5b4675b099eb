using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Tests.Serving;
using Looper.Core.Tests.Serving.Candidates;

namespace Looper.Core.Tests.Policies;

/// <summary>A bandit among candidates with a guardrail, replayed on the log of an even draw.</summary>
public class GuardedCandidateReplayTests(ITestOutputHelper output)
{
    private const double Margin = 0.25;
    private const int Decisions = 1_200;

    [Theory, InlineData(false), InlineData(true)]
    public void What_is_replayed_keeps_within_its_guardrails_too(bool ranks)
    {
        var (free, guarded) = (Replay(ranks, null), Replay(ranks, Margin));
        output.WriteLine($"harm {guarded.Harm:F4}, without a guardrail {free.Harm:F4}, as sent {guarded.BaseHarm:F4}; first, before anything is known {guarded.First:F4}; learned from {guarded.Learned}");
        Assert.True(free.Harm > (1 + Margin) * free.BaseHarm, $"{free.Harm} as sent {free.BaseHarm}");
        Assert.True(guarded.Harm <= (1 + Margin) * guarded.BaseHarm, $"{guarded.Harm} as sent {guarded.BaseHarm}");
        Assert.Equal(0.98 + 0.02 / GuardedOffers.PerCall, guarded.First, 1e-12);
        Assert.InRange(guarded.Learned, 0.8 * Decisions, Decisions);
    }

    // harm of the places shown that is to be expected by their chances, over a part of the last third
    private static (double Harm, double BaseHarm, double First, int Learned) Replay(bool ranks, double? margin)
    {
        var (world, random, workspace) = (new GuardedOffers(ranks, 70), new Philox(70, "guarded-replay"), new DecisionWorkspace());
        BlueprintContent Content(PolicySpec policy) => GuardedOffers.Content(ranks, policy, margin) is var content ? content with { Outcomes = [.. content.Outcomes.Select(o => o with { Window = TimeSpan.FromMinutes(1) })] } : null!;
        var (judged, logging) = (Content(new BanditPolicy()), Content(new RandomPolicy()));
        var versions = new Dictionary<int, BlueprintContent> { [1] = logging };
        var outcomes = GoalReward.Of(judged).Value!.Outcomes;
        var (replay, candidates, snapshot) = (new CandidateReplay(judged, new VersionTable(judged, versions), outcomes), LoggedCandidates.Compile(judged, []).Value!, Serve.Snapshot(Offers.Point(logging, withModel: false)));
        var (shares, harm, baseHarm, first) = (new double[GuardedOffers.PerCall], 0.0, 0.0, 1.0);
        for (var i = 0; i < Decisions; i++)
        {
            var (country, (brands, prices)) = (random.Below(2), GuardedOffers.Call(random));
            var decision = DecisionEngine.Decide(snapshot, snapshot.Points[0], new("u"u8, Serve.Utf8($"d{i}"), country == 0 ? """{"country":"NL"}"""u8 : """{"country":"DE"}"""u8, GuardedOffers.Sent(brands, prices)), workspace);
            var record = new DecisionRecord
            {
                Id = $"d{i}", DecisionPointId = default, Unit = $"u{i}", Time = DateTimeOffset.UnixEpoch.AddMinutes(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = decision.Reason, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            };
            if (replay.Before(record.Time) is { } learned) candidates.Know(learned);
            candidates.Distribute(1, logging, record.Served.Span, ServedCandidates.Read(record.Candidates)!, shares);
            if (i < 40) first = Math.Min(first, shares[0]);
            if (i >= Decisions * 2 / 3 && i % 4 == 0)
            {
                int[] drawn = [.. workspace.Candidates.Order];
                double Of(int[] order) => order.Select((c, place) => GuardedOffers.Looked[place] * world.Harms[country][brands[c]]).Sum();
                harm += ranks ? Orders(3).Sum(order => Chance(order) * Of(order)) : Orders(1).Sum(order => shares[order[0]] * Of(order));
                baseHarm += Of([.. Enumerable.Range(0, ranks ? 3 : 1)]);
                drawn.CopyTo(workspace.Candidates.OrderBuffer);

                double Chance(int[] order)
                {
                    int[] whole = [.. order, .. Enumerable.Range(0, GuardedOffers.PerCall).Except(order)];
                    whole.CopyTo(workspace.Candidates.OrderBuffer);
                    var chances = new double[order.Length];
                    candidates.Judge(1, logging, record.Served.Span, ServedCandidates.Read(ServedCandidates.Write(workspace.Candidates))!, chances);
                    return chances.Aggregate((p, q) => p * q);
                }
            }
            double[][] seen = [.. workspace.Candidates.Order[..(ranks ? GuardedOffers.Looked.Length : 1)].ToArray().Select((c, place) =>
            {
                var isLookedAt = random.Uniform() < GuardedOffers.Looked[place];
                double[] values = [random.Uniform() < world.Rewards[country][brands[c]] && isLookedAt ? 1 : 0, random.Uniform() < world.Harms[country][brands[c]] && isLookedAt ? 1 : 0];
                return values[..outcomes.Length];
            })];
            replay.Add(new(record, [.. seen[0]], [.. seen[0]], [.. outcomes.Select(_ => true)], 0) { Places = ranks ? [.. seen.Select(v => new PlaceOutcomes([.. v], [.. v]))] : [] });
        }
        return (harm, baseHarm, first, replay.Learned);
    }

    private static IEnumerable<int[]> Orders(int places) => places == 0 ? [[]]
        : Orders(places - 1).SelectMany(above => Enumerable.Range(0, GuardedOffers.PerCall).Except(above).Select(c => (int[])[.. above, c]));
}
