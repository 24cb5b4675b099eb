using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Learning.Trees;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

/// <summary>The model's score as a covariate: known of every unit of every arm, also of arms that ask no model.</summary>
public class ModelScoreTests
{
    private static readonly BlueprintContent Blueprint = Exposed.Blueprint(new Outcome("revenue", OutcomeKind.Number)) with { Features = [new("cart", FeatureKind.Number)] };
    private static readonly Dictionary<int, ImmutableArray<Feature>> Features = new() { [1] = Blueprint.Features };

    [Fact]
    public void Arms_of_fixed_options_have_a_score_too()
    {
        var score = ModelScore.Of(Blueprint, Features, [new(4, "revenue", ByCart())]);
        Assert.Equal(4, Assert.Single(score.Models));
        var figures = Report(score);
        Assert.True(figures.Covariates.Single().IsUsed);
        // Σ(0.8·b)² of a fair coin is 0.16; the noise has 0.04: four fifths are foretold.
        Assert.InRange(figures.Metrics[0].Comparisons[0].VarianceSaved, 0.78, 0.82);
        Assert.Equal(["none", "model-score"], figures.Metrics[0].Comparisons[0].Adjustments.Select(a => a.Name));
    }

    [Fact]
    public void Without_one_the_report_says_why()
    {
        var figures = Report(ModelScore.None("no model of revenue had been trained"));
        Assert.Equal((false, "model score is not taken out: no model of revenue had been trained."), (figures.Covariates.Single().IsUsed, figures.Covariates.Single().Sentence));
        Assert.Equal("welch-1", figures.Metrics[0].Comparisons[0].Absolute.Method);
    }

    [Fact]
    public async Task The_model_is_one_that_learned_nothing_of_the_experiment()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var db = await database.Databases.CreateDbContextAsync();
        var point = Guid.CreateVersion7();
        db.Add(new DecisionPoint { Id = point, Key = "banner", Name = "Banner", CurrentVersion = 1 });
        var start = Exposed.Start;
        void Model(int number, double dataDays, double? live = null, double? retired = null) => db.Add(new Model
        {
            Id = Guid.CreateVersion7(), DecisionPointId = point, Number = number, Outcome = "revenue", Family = "trees", BlueprintVersion = 1, Artefact = ByCart(), TrainedAt = start.AddDays(dataDays),
            DataFrom = start.AddDays(-30), DataUntil = start.AddDays(dataDays), PromotedAt = live is { } at ? start.AddDays(at) : null, RetiredAt = retired is { } end ? start.AddDays(end) : null,
        });
        async Task<ModelScore> FindAsync(DateTimeOffset? startedAt, BlueprintContent? blueprint = null) =>
            await ModelScore.FindAsync(db, new Experiment { DecisionPointId = point, StartedAt = startedAt }, blueprint ?? Blueprint, Features, default);

        Assert.Equal("no model of revenue had been trained when the experiment started; one trained since has learned from its outcomes", (await FindAsync(start)).Why);
        Model(1, -9, live: -9, retired: 2);
        Model(2, -8);
        Model(3, 1, live: 2);
        Model(4, 30);
        await db.SaveChangesAsync();
        Assert.Equal(1, Assert.Single((await FindAsync(start)).Models)); // served at the start, whatever came later
        Assert.Equal(3, Assert.Single((await FindAsync(start.AddDays(3))).Models));
        Assert.Contains("no start", (await FindAsync(null)).Why, StringComparison.Ordinal);
        Assert.Contains("candidates", (await FindAsync(start, Blueprint with { Shape = DecisionShape.Pick })).Why, StringComparison.Ordinal);
        Assert.Contains("no model scores", (await FindAsync(start, Blueprint with { Shape = DecisionShape.Configuration })).Why, StringComparison.Ordinal);
    }

    private static ReportContent Report(ModelScore score)
    {
        var random = new Philox(4);
        var units = Enumerable.Range(0, 4_000).Select(i => (Arm: i % 2, Large: random.Below(2))).Select(u =>
            Exposed.Unit(u.Arm, [0.8 * u.Large + 0.1 * u.Arm + 0.2 * random.Normal()], Exposed.Served(u.Large == 1 ? 80 : 20)));
        var plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5)) with { UsesModelScore = true };
        return Exposed.Report(Exposed.Settings(plan, "revenue", ExperimentState.Stopped), Blueprint, units, new CovariateReader([], Features, score));
    }

    private static byte[] ByCart()
    {
        ImmutableArray<TreeNode> nodes = [new(0, 50, -1, 1, 2, false, 0, 1, 1), new(0, 0, -1, -1, -1, false, 0.1, 1, 0), new(0, 0, -1, -1, -1, false, 0.9, 1, 0)];
        return Artefact.Write(new([new("cart", ColumnKind.Number, [])], new TreeEnsemble(Objective.Squared, [0], [new Tree(nodes, [])], [default])));
    }
}
