using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Policies;

/// <summary>A bandit judged on another policy's log: learned from the past alone, and its value told without bias.</summary>
public class BanditReplayTests(ITestOutputHelper output)
{
    private static readonly BanditPolicy s_bandit = new() { Algorithm = "squarecb" };

    [Fact] // 3.3 standard errors; the interval also knows of chance in the contexts, which the truth of a log does not have, so it may cover more
    public void Intervals_cover_what_the_learning_policy_would_have_earned()
    {
        var (runs, covered, z, gained) = (Sizes.PolicyLogs, 0, 0.0, 0.0);
        for (var run = 0; run < runs; run++)
        {
            var log = SimulatedShop.Log(1_000, SimulatedShop.Logging.Good, 17_000 + run, policy: s_bandit);
            var result = SimulatedShop.Judge(log, run, s_bandit);
            var truth = SimulatedShop.Expected(log); // after judging: the distributions are those that were replayed
            Assert.Null(result.Refused);
            covered += result.Value.Low <= truth && truth <= result.Value.High ? 1 : 0;
            z += (result.Value.Value - truth) / result.Value.StandardError / Math.Sqrt(runs);
            gained += (truth - result.Served.Value) / runs;
        }
        output.WriteLine($"{covered} of {runs} covered, mean z {z / Math.Sqrt(runs):F2}, true gain {gained:F4}");
        Assert.InRange(covered / (double)runs, 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / runs), 1);
        Assert.InRange(z, -3.3, 3.3);
        Assert.True(gained > 0.01, $"{gained}"); // it learned something that is worth telling
    }

    [Fact]
    public void It_learns_from_closed_windows_alone_and_from_nothing_that_comes_later()
    {
        var (log, other) = (SimulatedShop.Log(400, SimulatedShop.Logging.Good, 3, policy: s_bandit), SimulatedShop.Log(300, SimulatedShop.Logging.Good, 3, policy: s_bandit));
        var content = SimulatedShop.Draft with { Policy = s_bandit };
        double[] Replay(LoggedDecisions of) => BanditReplay.Of(of, content, s_bandit, GoalReward.Of(content).Value!, 1, default).Probabilities;
        double[] whole = Replay(log), part = Replay(other);
        // decisions stand a minute apart and the window is a minute: the 51st rewarded one is the first that can be known by anyone but the last
        for (var i = 0; i < 50; i++) Assert.Equal(1 / 3.0, whole[3 * i], 1e-12);
        Assert.Contains(Enumerable.Range(60, 100), i => Math.Abs(whole[3 * i] - 1 / 3.0) > 0.05);
        // a log that goes on differs from one that ends by the scale of its columns only
        Assert.InRange(part.Select((p, i) => Math.Abs(p - whole[i])).Average(), 0, 0.01);
        var again = SimulatedShop.Judge(log, 1, s_bandit).Learning!;
        Assert.InRange(again.Learned, log.Count * 0.9, log.Count);
    }

    [Fact] // one that serves learns weighted rewards on their own scale, so a weight changes nothing it does
    public void The_weight_of_a_single_outcome_does_not_change_how_much_it_explores()
    {
        double[] Replay(double weight)
        {
            var content = SimulatedShop.Draft with { Policy = s_bandit, Goal = new() { Terms = [new("purchase", weight)] } };
            var log = SimulatedShop.Log(400, SimulatedShop.Logging.Good, 3, policy: s_bandit);
            return BanditReplay.Of(log, content, s_bandit, GoalReward.Of(content).Value!, 1, default).Probabilities;
        }
        double[] small = Replay(0.1), one = Replay(1), large = Replay(10);
        for (var i = 0; i < one.Length; i++) Assert.True(Math.Abs(small[i] - one[i]) < 1e-9 && Math.Abs(large[i] - one[i]) < 1e-9, $"{i}: {small[i]}, {one[i]}, {large[i]}");
    }

    [Fact] // 200 tags, more than a bandit has columns for, stand before the number that tells which option sells
    public void Tags_leave_room_for_what_comes_after_them_as_they_do_when_it_serves()
    {
        var content = new BlueprintContent
        {
            Shape = DecisionShape.Choice, Options = [new("a"), new("b")], Default = "a", Features = [new("interests", FeatureKind.Tags), new("cart", FeatureKind.Number)],
            Outcomes = [new("purchase", OutcomeKind.Boolean) { Window = TimeSpan.FromMinutes(1) }], Goal = new() { Terms = [new("purchase")] }, Policy = s_bandit,
        };
        var reward = GoalReward.Of(content).Value!;
        var log = LoggedDecisions.For(content, new Dictionary<int, BlueprintContent> { [1] = content with { Policy = new RandomPolicy() } }, reward, []).Value!;
        var (random, reader, workspace, right) = (new Philox(7, "tagged-log"), new ContextReader(content.Features), new DecisionWorkspace(), new List<int>());
        for (var i = 0; i < 3_000; i++)
        {
            var (cart, option) = (random.Normal(), random.Below(2));
            right.Add(cart > 0 ? 1 : 0);
            var bought = random.Uniform() < (option == right[i] ? 0.9 : 0.1) ? 1.0 : 0;
            reader.Read(Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"interests":["t{{random.Below(200)}}","t{{random.Below(200)}}"],"cart":{{cart}}}""")), workspace);
            log.Add(new(new()
            {
                Id = $"d{i}", DecisionPointId = default, Unit = $"u{i}", Time = DateTimeOffset.UnixEpoch.AddMinutes(i), BlueprintVersion = 1, Option = option, Propensity = 0.5, Reason = Reason.Explore, Served = workspace.Served.ToArray(),
            }, [bought], [bought], [true], 0));
        }
        var chances = BanditReplay.Of(log, content, s_bandit, reward, 1, default).Probabilities;
        var late = Enumerable.Range(2_000, 1_000).Average(i => chances[2 * i + right[i]]);
        Assert.True(late > 0.7, $"{late}"); // 0.5 by chance
    }

    [Fact]
    public void Its_course_tells_how_the_value_grows_as_it_learns()
    {
        var course = SimulatedShop.Judge(4_000, SimulatedShop.Logging.Good, 5, policy: new BanditPolicy()).Learning!;
        Assert.InRange(course.Stretches.Length, 2, 12);
        Assert.Equal(course.Stretches.Sum(s => s.Decisions), SimulatedShop.Log(4_000, SimulatedShop.Logging.Good, 5).Count);
        var late = course.Stretches.Skip(course.Stretches.Length / 2);
        Assert.True(late.Average(s => s.Value.Value) > late.Average(s => s.Served.Value) + 0.02);
        Assert.Null(SimulatedShop.Judge(500, SimulatedShop.Logging.Good, 5).Learning); // a rule learns nothing
    }

    [Fact]
    public void What_has_learned_nothing_has_no_value()
    {
        // decisions stand a minute apart and their windows never close
        var bandit = SimulatedShop.Draft with { Policy = s_bandit, Outcomes = [SimulatedShop.Draft.Outcomes[0] with { Window = TimeSpan.FromDays(2) }] };
        var result = SimulatedShop.Judge(SimulatedShop.Log(400, SimulatedShop.Logging.Good, 3, policy: s_bandit), 1, bandit);
        Assert.Equal(PolicyEvaluationResult.LearnedNothing, result.RefusedCode);
        Assert.Equal("It has learned nothing yet, so it has no value: it learns from outcomes once they are certain, 2 days after the decision, and these decisions were all made within that time. It needs decisions that go on for longer.", result.Sentence);
        Assert.All([result.Value.Value, result.Change.Value, result.Relative.Value, result.Changed], x => Assert.True(double.IsNaN(x)));
        Assert.True(result.Outcomes.IsEmpty && result.Groups.IsEmpty && result.Options.IsEmpty && result.Overlap is null && result.Learning is null);
    }

    [Fact] // decisions stand a minute apart, up to three to a unit
    public void A_rule_is_not_called_better_by_the_decisions_that_it_was_made_from()
    {
        var rule = (TreePolicy)SimulatedShop.Draft.Policy!;
        var half = DateTimeOffset.UnixEpoch.AddMinutes(499);
        var result = SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 5, policy: rule with { MadeFrom = new(DateTimeOffset.UnixEpoch, half) });
        Assert.True(result.IsFlattered);
        Assert.InRange(result.LearnedFrom, 0.45, 0.55);
        Assert.EndsWith(" of which its rule was made from.", result.Sentence, StringComparison.Ordinal);
        Assert.Contains(result.Warnings, w => w.StartsWith("Its rule was made from ", StringComparison.Ordinal) && w.Contains("after 1 Jan 1970 08:19 UTC", StringComparison.Ordinal));
        Assert.False(SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 5, policy: rule).IsFlattered); // a person wrote it
    }

    [Fact]
    public void A_model_that_knows_the_decisions_is_not_called_better_in_the_headline()
    {
        var result = SimulatedShop.Judge(1_000, SimulatedShop.Logging.Good, 5);
        Assert.False(result.IsFlattered);
        Assert.EndsWith(" decisions, 57% of which its model has learned from.", ValueWords.Sentence(result with { LearnedFrom = 0.57 }), StringComparison.Ordinal);
    }
}
