using System.Collections.Immutable;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>A model of purchase that reads a tag and a number of a vector.</summary>
internal static class LearnedLists
{
    public static ModelSource Model()
    {
        ImmutableArray<Column> columns =
        [
            new(ModelEncoder.OptionColumn, ColumnKind.Category, ["none", "ten-percent", "free-shipping"]), new("interests", ColumnKind.Number, []), new("interests[news]", ColumnKind.Number, []),
            new("interests[sport]", ColumnKind.Number, []), .. Enumerable.Range(0, 4).Select(i => new Column($"embedding[{i}]", ColumnKind.Number, [])),
        ];
        var random = new Philox(5, "lists");
        var values = columns.Select(_ => new double[2_000]).ToArray();
        var labels = new double[2_000];
        for (var i = 0; i < labels.Length; i++)
        {
            values[0][i] = random.Below(3);
            (values[2][i], values[3][i]) = (random.Below(2), random.Below(2));
            values[1][i] = values[2][i] + values[3][i];
            for (var k = 4; k < 8; k++) values[k][i] = random.Normal();
            labels[i] = values[3][i] + values[5][i] + values[0][i];
        }
        var fit = new GradientBoosting().Fit(new(columns, values, labels), null, new() { Objective = Objective.Squared, Rounds = 40 }, 1, null, default);
        return new(3, "purchase", Artefact.Write(new(columns, fit)));
    }
}
