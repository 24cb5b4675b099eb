using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Numerics;

namespace Looper.Core.Tests.Models;

/// <summary>What a feature costs is saved only where nothing that stays is made from it.</summary>
public sealed class SelectingTests
{
    // Cost: amount 5, log 2, noise 1. The band is made from the log, the log from the amount.
    private static readonly BlueprintContent s_blueprint = Simulated.Blueprint with
    {
        Features =
        [
            new("amount", FeatureKind.Number) { CostPerThousand = 5 }, new("log", FeatureKind.Number) { Derived = new LogDerivation("amount"), CostPerThousand = 2 },
            new("band", FeatureKind.Category) { Derived = new BucketDerivation("log", [1]) }, new("noise", FeatureKind.Number) { CostPerThousand = 1 },
        ],
    };

    [Theory]
    [InlineData("band", new[] { "amount", "log", "noise" }, 1)] // the band takes the log, and by it the amount
    [InlineData("amount", new[] { "log", "band", "noise" }, 3)]
    public void What_a_feature_that_stays_is_made_from_saves_nothing(string stays, string[] dropped, double saved)
    {
        var plan = s_blueprint.Training with { Selection = new() { IsOn = true, Tolerance = 0.05, Pinned = [stays] } };
        var selected = Selecting.Run(s_blueprint with { Training = plan }, Data(), new() { Objective = Objective.Squared, Rounds = 40, LearningRate = 0.2, FeatureFraction = 1 }, seed: 1, default);
        Assert.Equal(dropped.Order(), selected.Dropped.Order());
        Assert.Equal(saved, selected.Saved);
        Assert.Equal((8.0, 8 - saved), (selected.Steps[0].Cost, selected.Steps[^1].Cost));
    }

    // Each of amount, log and band tells all that is to be known.
    private static DataSet Data()
    {
        const int Rows = 2_000;
        var random = new Philox(5, "selecting");
        double[][] x = [.. Enumerable.Range(0, 4).Select(_ => new double[Rows])];
        var labels = new double[Rows];
        for (var i = 0; i < Rows; i++)
        {
            x[0][i] = 4 * random.Uniform();
            x[1][i] = Math.Log(1 + x[0][i]);
            x[2][i] = x[1][i] < 1 ? 0 : 1;
            x[3][i] = random.Normal();
            labels[i] = 2 * x[2][i] + 0.5 * random.Normal();
        }
        return new([new("amount", ColumnKind.Number, []), new("log", ColumnKind.Number, []), new("band", ColumnKind.Category, ["below 1", "1 and up"]), new("noise", ColumnKind.Number, [])], x, labels);
    }
}
