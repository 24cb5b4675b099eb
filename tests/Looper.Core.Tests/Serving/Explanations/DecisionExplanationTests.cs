using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;
using Looper.Core.Serving.Explanations;
using Looper.Core.Tests.Learning;
using Looper.Core.Tests.Serving.Candidates;

namespace Looper.Core.Tests.Serving.Explanations;

public sealed class DecisionExplanationTests
{
    private static readonly ImmutableArray<string> Keys = ["none", "ten-percent", "free-shipping"];

    private static BlueprintContent Content(PolicySpec policy) => Serve.Banner(policy) with
    {
        Features = [new("age", FeatureKind.Number), new("country", FeatureKind.Category)],
        Goal = new() { Terms = [new("purchase"), new("refunds", 0.5)] },
    };

    /// <summary>Bought more by the old, under free shipping, and in the Netherlands; a yes or no, and a number.</summary>
    private static DataSet Data(bool isBinary)
    {
        var random = new Looper.Core.Numerics.Philox(seed: 5);
        var (age, country, option, label) = (new double[600], new double[600], new double[600], new double[600]);
        for (var i = 0; i < age.Length; i++)
        {
            (age[i], country[i], option[i]) = (random.Below(100) == 0 ? double.NaN : 20 + random.Below(60), random.Below(3), random.Below(3));
            var signal = (double.IsNaN(age[i]) ? 0 : age[i] - 50) / 15 + (country[i] == 1 ? 1 : 0) + (option[i] == 2 ? 1.5 : 0);
            label[i] = isBinary ? random.Uniform() < 1 / (1 + Math.Exp(-signal)) ? 1 : 0 : 3 + signal + 0.1 * random.Normal();
        }
        return new([new("age", ColumnKind.Number, []), new("country", ColumnKind.Category, ["DE", "NL", "FR"]), new(ModelEncoder.OptionColumn, ColumnKind.Category, Keys)], [age, country, option], label);
    }

    private static ModelSource Model(string family, bool isBinary, string outcome, int number)
    {
        var data = Data(isBinary);
        var fit = Learners.Of(family).Fit(data, null, new LearnerSettings { Rounds = 30, Objective = isBinary ? Objective.Binary : Objective.Squared }, 1, null, default);
        return new(number, outcome, Artefact.Write(new(data.Columns, fit, isBinary ? new PlattCalibration(0.8, -0.1) : null)));
    }

    private static MadeDecision Made(Decision decision, DecisionWorkspace workspace) => new(
        decision.Blueprint!.Version, decision.Experiment?.Id, decision.Arm, decision.Reason, decision.Answer.Option, workspace.Served.ToArray(),
        workspace.Candidates.Count == 0 ? default(ReadOnlyMemory<byte>) : ServedCandidates.Write(workspace.Candidates),
        workspace.Candidates.Count == 0 ? [.. workspace.Scores] : [.. workspace.Candidates.Scores]);

    private static (DecisionExplanation Explained, double[] Scores, int Option) Explain(ServingSnapshot snapshot, string unit, string context)
    {
        var workspace = new DecisionWorkspace();
        var decision = Serve.Decide(snapshot, unit, context: context, workspace: workspace);
        return (DecisionExplanation.Of(snapshot.Points[0], Made(decision, workspace)), workspace.Scores.ToArray(), decision.Answer.Option);
    }

    [Theory, InlineData("boosting", true), InlineData("linear", true), InlineData("network", false)] // identities: Σ contributions + base = score; calibration(link(score)) = prediction; Σ weight × prediction = goal
    public void Contributions_add_up_to_the_score_and_predictions_to_the_goal_as_served(string family, bool exact)
    {
        var snapshot = Serve.Snapshot(Serve.Point(Content(new RandomPolicy()) with { Policy = new EpsilonGreedyPolicy(1) }) with
        {
            Models = [Model(family, true, "purchase", 4), Model(family, false, "refunds", 6)],
        });
        var options = new HashSet<int>();
        for (var i = 0; i < 20; i++)
        {
            var (explained, scores, option) = Explain(snapshot, $"u{i}", i == 0 ? "{}" : $$"""{"age":{{20 + 3 * i}},"country":"{{(i % 2 == 0 ? "NL" : "XX")}}"}""");
            options.Add(option);
            Assert.Equal(["purchase", "refunds"], explained.Outcomes.Select(o => o.Outcome));
            Assert.Equal([4, 6], explained.Outcomes.Select(o => o.ModelNumber));
            Assert.Equal(scores[option], explained.Outcomes.Sum(o => o.Weight * o.Margin.Prediction), 1e-9);
            Assert.All(explained.Outcomes, o => Assert.Equal(o.Margin.Score, o.Margin.Base + o.Contributions.Sum(c => c.Value), 1e-9));
            Assert.All(explained.Outcomes, o => Assert.Equal(exact, o.Margin.IsExact));
            Assert.Equal(-0.5, explained.Outcomes[1].Weight); // refunds are better low
            if (!exact) continue;
            var purchase = explained.Outcomes[0].Margin;
            Assert.Equal(MarginScale.LogOdds, purchase.Scale);
            Assert.Equal(new PlattCalibration(0.8, -0.1).Apply(1 / (1 + Math.Exp(-purchase.Score))), purchase.Prediction, 1e-9);
        }
        Assert.Equal(3, options.Count);
    }

    [Fact] // truth of the simulation: at 78 age adds 1.9 to the log odds, free shipping 1.5, and Germany is not where a country adds 1
    public void What_sells_stands_on_top_with_its_sign()
    {
        var snapshot = Serve.Snapshot(Serve.Point(Content(new BestPolicy()) with { Goal = new() { Terms = [new("purchase")] } }) with { Models = [Model("boosting", true, "purchase", 4)] });
        var (explained, _, option) = Explain(snapshot, "u", """{"age":78,"country":"DE"}""");
        Assert.Equal((2, "best"), (option, explained.Rule));
        var moved = explained.Outcomes[0].Contributions.ToDictionary(c => c.Feature, c => c.Value);
        Assert.Equal("age", explained.Outcomes[0].Contributions[0].Feature);
        Assert.True(moved["age"] > 0 && moved[ModelEncoder.OptionColumn] > 0 && moved["country"] < 0, string.Join(", ", moved));
    }

    [Fact]
    public void The_candidate_that_was_picked_is_explained()
    {
        var snapshot = Serve.Snapshot(Offers.Point(new BestPolicy()));
        var workspace = new DecisionWorkspace();
        var decision = Offers.Decide(snapshot, "d", Offers.Priced(2, 7, 5), workspace);
        var explained = DecisionExplanation.Of(snapshot.Points[0], Made(decision, workspace));
        var outcome = Assert.Single(explained.Outcomes);
        Assert.Equal(workspace.Candidates.Scores[decision.Answer.Option], outcome.Margin.Score, 1e-9);
        Assert.Equal(["price"], outcome.Contributions.Select(c => c.Feature));
        Assert.Equal(outcome.Margin.Score - outcome.Margin.Base, outcome.Contributions[0].Value, 1e-9);
    }

    [Fact]
    public void Where_the_model_was_replaced_nothing_is_claimed_about_it()
    {
        var point = Serve.Point(Content(new BestPolicy()) with { Goal = new() { Terms = [new("purchase")] } });
        var before = Serve.Snapshot(point with { Models = [Model("boosting", true, "purchase", 4)] });
        var workspace = new DecisionWorkspace();
        var made = Made(Serve.Decide(before, "u", context: """{"age":78}""", workspace: workspace), workspace);
        Assert.False(DecisionExplanation.Of(before.Points[0], made).Outcomes.IsDefault);
        var after = Serve.Snapshot(point with { Models = [Model("linear", true, "purchase", 5)] });
        Assert.True(DecisionExplanation.Of(after.Points[0], made).Outcomes.IsDefault);
        var explained = DecisionExplanation.Of(before.Points[0], made with { BlueprintVersion = 9 });
        Assert.True(explained.Outcomes.IsDefault);
        Assert.Equal("policy", explained.Rule);
        Assert.Equal(0, before.Points[0].Faults);
    }

    [Theory]
    [InlineData(Reason.Explore, "epsilon-greedy"), InlineData(Reason.Policy, "epsilon-greedy"), InlineData(Reason.Stale, "epsilon-greedy"), InlineData(Reason.Experiment, "arm"), InlineData(Reason.Holdout, "baseline")]
    [InlineData(Reason.Override, "override"), InlineData(Reason.DefaultNoModel, "default"), InlineData(Reason.DefaultInvalidContext, "default"), InlineData(Reason.DefaultPaused, "default"), InlineData(Reason.DefaultError, "default")]
    public void The_rule_that_decided_is_named(Reason reason, string rule)
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.1))));
        var explained = DecisionExplanation.Of(snapshot.Points[0], new(1, null, -1, reason, 0, default, default, []));
        Assert.Equal((rule, true), (explained.Rule, explained.Outcomes.IsEmpty));
        Assert.EndsWith(".", explained.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void In_an_experiment_it_is_the_policy_of_the_arm()
    {
        var experiment = Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.5, null, new RandomPolicy(), null));
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.1)), experiments: experiment));
        var rules = Enumerable.Range(0, 30).Select(i => Explain(snapshot, $"u{i}", "{}").Explained.Rule).Distinct().Order();
        Assert.Equal(["arm", "random"], rules);
    }
}
