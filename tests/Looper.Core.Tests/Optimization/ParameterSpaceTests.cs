using System.Collections.Immutable;
using Looper.Core.Optimization;

namespace Looper.Core.Tests.Optimization;

public class ParameterSpaceTests
{
    private static readonly ParameterSpace s_space = new(
    [
        new("rate", ParameterKind.Real) { Low = 0.001, High = 10, Log = true }, new("count", ParameterKind.Whole) { Low = 1, High = 4 },
        new("word", ParameterKind.Category) { Values = ["a", "b", "c"] }, new("share", ParameterKind.Real) { Low = -1, High = 1 },
    ], [new(ImmutableSortedDictionary<string, double>.Empty.Add("rate", 1).Add("share", 2), 3)]);

    [Fact] // identity
    public void Values_and_points_are_the_same_thing_twice()
    {
        double[] point = [0.25, 1.0 / 3, 2, 0.5];
        var values = s_space.Values(point);
        Assert.Equal(("0.01", "2", "c", "0"), (values["rate"].ToString(), values["count"].ToString(), values["word"].ToString(), values["share"].ToString()));
        Assert.Equal(point, s_space.Point(values, out _)!.Select(u => Math.Round(u, 12)).Select((u, i) => i == 1 ? 1.0 / 3 : u));
    }

    [Theory]
    [InlineData("count", 2.5, "'count' is 2.5; give a whole number from 1 to 4.")]
    [InlineData("share", 1.5, "'share' is 1.5; give a number from -1 to 1.")]
    [InlineData("rate", 8.0, "The values break a constraint between the parameters.")]
    public void A_value_outside_is_refused_with_its_name(string name, double value, string reason)
    {
        var values = s_space.Values([0.25, 0, 0, 0.5]).SetItem(name, new(value));
        Assert.Null(s_space.Point(values, out var fault));
        Assert.Equal(reason, fault);
    }

    [Fact]
    public void Every_fault_of_a_space_names_its_field()
    {
        var faults = ParameterSpace.Faults(
        [
            new("a", ParameterKind.Real) { Low = 0.9, High = 0.1 }, new("a", ParameterKind.Whole) { Low = 0.5, High = 2 },
            new("b", ParameterKind.Real) { Low = 0, High = 1, Log = true }, new("c", ParameterKind.Category) { Values = ["x"] },
        ], [new(ImmutableSortedDictionary<string, double>.Empty.Add("b", 1), -1), new(ImmutableSortedDictionary<string, double>.Empty.Add("z", 1), 1)]).ToArray();
        Assert.Equal(["parameters[0].low", "parameters[1].name", "parameters[1].low", "parameters[2].log", "parameters[3].values", "parameterConstraints[0]", "parameterConstraints[1]"],
            faults.Select(f => f.Field));
        Assert.Equal("'a': the smallest value (0.9) must be below the largest (0.1). Swap them.", faults[0].Reason);
        Assert.Contains(ParameterSpace.Faults([], []), f => f.Field == "parameters");
    }
}
