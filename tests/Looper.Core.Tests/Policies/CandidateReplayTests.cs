using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning.Bandits;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Tests.Serving;
using Looper.Core.Tests.Serving.Candidates;
using Looper.Testing;

namespace Looper.Core.Tests.Policies;

/// <summary>A bandit among candidates judged on the log of an even draw: learned from the past alone, and its value told without bias.</summary>
public sealed class CandidateReplayTests(ITestOutputHelper output)
{
    private const int PerCall = 6, Decisions = 1_200;

    private static readonly BanditPolicy s_bandit = new() { Algorithm = "squarecb" };

    [Fact] // 3.3 standard errors; the interval also knows of chance in the contexts, which the truth of a log does not have, so it may cover more
    public void Intervals_cover_what_the_learning_pick_would_have_earned()
    {
        var (runs, covered, z, gained) = (Sizes.IsLong ? 300 : 6, 0, 0.0, 0.0);
        var content = Content(DecisionShape.Pick, s_bandit);
        for (var run = 0; run < runs; run++)
        {
            var examples = Log(DecisionShape.Pick, 4_000 + run, Decisions);
            var result = PolicyValuation.Judge(new() { Key = "offers" }, new("Draft", "{}", null, null, null), content, GoalReward.Of(content).Value!, Judged(content, examples), new([], 0, null, null), run, (_, _) => { }, default);
            var truth = Truth(content, examples);
            Assert.Null(result.Refused);
            Assert.InRange(result.Learning!.Learned, Decisions * 0.9, Decisions);
            covered += result.Value.Low <= truth && truth <= result.Value.High ? 1 : 0;
            z += (result.Value.Value - truth) / result.Value.StandardError / Math.Sqrt(runs);
            gained += (truth - result.Served.Value) / runs;
        }
        output.WriteLine($"{covered} of {runs} covered, mean z {z / Math.Sqrt(runs):F2}, true gain {gained:F4}");
        Assert.InRange(covered / (double)runs, 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / runs), 1);
        Assert.InRange(z, -3.3, 3.3);
        Assert.True(gained > 0.05, $"{gained}"); // it learned something that is worth telling
    }

    [Theory, InlineData(DecisionShape.Pick), InlineData(DecisionShape.Ranking)]
    public void It_learns_from_closed_windows_alone_and_from_nothing_that_comes_later(DecisionShape shape)
    {
        var content = Content(shape, s_bandit);
        var examples = Log(shape, 3, 400);
        double[] whole = Judged(content, examples).Rows().Weights, part = Judged(content, examples[..300]).Rows().Weights;
        Assert.Equal(part, whole[..part.Length]);
        var rows = shape == DecisionShape.Pick ? 1 : 2;
        for (var i = 0; i < 54 * rows; i++) Assert.Equal(1, whole[i], 1e-12); // a decision a minute, and a window of five: before the 55th fifty are known
        Assert.Contains(whole[(54 * rows)..(100 * rows)], w => Math.Abs(w - 1) > 0.05);
        // what is reported last is known to nobody that decided before
        var other = examples[..^1].Append(examples[^1] with { Values = [1 - examples[^1].Values[0]], Places = [.. examples[^1].Places.Select(p => p with { Values = [1 - p.Values[0]] })] });
        Assert.Equal(whole, Judged(content, [.. other]).Rows().Weights);
    }

    [Theory, InlineData(false), InlineData(true)] // place by place the ratio of chances has mean 1, whatever was learned; a log by another bandit, or by an even draw
    public void Weights_of_rankings_average_one(bool byBandit)
    {
        var (runs, z, mean) = (Sizes.IsLong ? 200 : 6, 0.0, 0.0);
        var content = Content(DecisionShape.Ranking, s_bandit);
        for (var run = 0; run < runs; run++)
        {
            var weights = Judged(content, Log(DecisionShape.Ranking, 6_000 + run, Decisions, byBandit ? s_other : null)).Rows().Weights;
            double[] second = [.. weights.Where((_, i) => i % 2 == 1)];
            var (average, error) = (second.Average(), Math.Sqrt(second.Sum(w => (w - second.Average()) * (w - second.Average()))) / second.Length);
            mean += average / runs;
            z += (average - 1) / error / Math.Sqrt(runs);
        }
        output.WriteLine($"mean weight of the second place {mean:F3}, z {z:F2}");
        Assert.InRange(z, -3.3, 3.3);
    }

    private static readonly BanditPolicy s_other = new() { Algorithm = "softmax", Explore = 0.5 };

    private static BlueprintContent Content(DecisionShape shape, PolicySpec policy) => Offers.Pick(policy) with
    {
        Shape = shape, Positions = shape == DecisionShape.Ranking ? 2 : null, Outcomes = [new("bought", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(5) }],
    };

    private static LoggedDecisions Judged(BlueprintContent content, Example[] examples)
    {
        var log = LoggedDecisions.For(content, Versions(content.Shape), GoalReward.Of(content).Value!, []).Value!;
        foreach (var example in examples) log.Add(example);
        return log;
    }

    private static Dictionary<int, BlueprintContent> Versions(DecisionShape shape) => new() { [1] = Content(shape, new RandomPolicy()) };

    /// <summary>Mean over the decisions of what the bandit, as it then stood, was to be expected to earn.</summary>
    private static double Truth(BlueprintContent content, Example[] examples)
    {
        var (versions, shares, sum) = (Versions(content.Shape), new double[PerCall], 0.0);
        var (replay, candidates) = (new CandidateReplay(content, new VersionTable(content, versions), content.Outcomes), LoggedCandidates.Compile(content, []).Value!);
        foreach (var example in examples)
        {
            if (replay.Before(example.Decision.Time) is { } learned) candidates.Know(learned);
            candidates.Distribute(1, versions[1], example.Decision.Served.Span, ServedCandidates.Read(example.Decision.Candidates)!, shares);
            var prices = example.Decision.Unit.Split(' ').Select(p => double.Parse(p, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            sum += shares.Select((share, i) => share * Rate(prices[i], i)).Sum();
            replay.Add(example);
        }
        return sum / examples.Length;
    }

    private static readonly Lazy<byte[]> s_learned = new(() => BanditFile.Write(new RankedWorld(Clicks.ByPosition, 3).Run(new BanditPolicy { Algorithm = "squarecb" }, 300).State!));

    private static double Rate(double price, int candidate) => 0.1 + 0.05 * price + (candidate % 3 == 1 ? 0.15 : 0);

    // each unit is named by the prices it was offered, and comes once
    private static Example[] Log(DecisionShape shape, long seed, int decisions, BanditPolicy? logging = null)
    {
        var (random, workspace) = (new Philox(seed, "candidate-replay"), new DecisionWorkspace());
        var snapshot = Serve.Snapshot(Offers.Point(Content(shape, logging ?? (PolicySpec)new RandomPolicy()), withModel: false) with { Bandit = logging is null ? [] : s_learned.Value });
        return [.. Enumerable.Range(0, decisions).Select(i =>
        {
            double[] prices = [.. Enumerable.Range(0, PerCall).Select(_ => Math.Round(10 * random.Uniform(), 3))];
            var unit = string.Join(' ', prices.Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            var decision = Offers.Decide(snapshot, $"d{seed}-{i}", Offers.Priced(prices), workspace, unit);
            double[] bought = [.. workspace.Candidates.Order[..2].ToArray().Select((c, place) => random.Uniform() < Rate(prices[c], c) / (1 + place) ? 1.0 : 0)];
            var record = new DecisionRecord
            {
                Id = $"d{seed}-{i}", DecisionPointId = default, Unit = unit, Time = DateTimeOffset.UnixEpoch.AddMinutes(i), BlueprintVersion = 1, Option = decision.Answer.Option,
                Propensity = decision.Propensity, Reason = decision.Reason, Served = workspace.Served.ToArray(), Candidates = ServedCandidates.Write(workspace.Candidates),
            };
            return new Example(record, [bought[0]], [bought[0]], [true], 0) { Places = shape == DecisionShape.Ranking ? [.. bought.Select(b => new PlaceOutcomes([b], [b]))] : [] };
        })];
    }
}
