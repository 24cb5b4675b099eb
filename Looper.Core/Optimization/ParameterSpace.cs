using System.Collections.Immutable;

namespace Looper.Core.Optimization;

/// <summary>The parameters tuned together, and which combinations are allowed.</summary>
/// <remarks>A point is one coordinate a parameter: in [0, 1] for numbers, the number of the value for categories. Immutable.</remarks>
public sealed class ParameterSpace
{
    /// <summary>Parameters at most.</summary>
    public const int MaxParameters = 20;

    private const double MaxLevels = 9_007_199_254_740_992; // 2⁵³: beyond it neighbours are the same number

    private const double Slack = 1e-9; // of what a constraint's sides may be apart by rounding, relative to its size

    /// <param name="parameters">Without <see cref="Faults"/>.</param>
    /// <param name="constraints">Between them.</param>
    public ParameterSpace(ImmutableArray<Parameter> parameters, ImmutableArray<LinearConstraint> constraints = default)
    {
        Parameters = parameters;
        Constraints = constraints.IsDefault ? [] : constraints;
        Categorical = [.. parameters.Select(p => p.Kind == ParameterKind.Category)];
    }

    /// <summary>In the order of the coordinates.</summary>
    public ImmutableArray<Parameter> Parameters { get; }

    /// <summary>All hold at every proposed point.</summary>
    public ImmutableArray<LinearConstraint> Constraints { get; }

    /// <summary>Which coordinates are categories.</summary>
    public ImmutableArray<bool> Categorical { get; }

    /// <summary>d.</summary>
    public int Dimensions => Parameters.Length;

    /// <summary>How many points there are; 0 for uncountably many or more than 2,000.</summary>
    public int Size
    {
        get
        {
            long size = 1;
            foreach (var p in Parameters)
            {
                if (p.Levels == 0 || (size *= p.Levels) > 2_000) return 0;
            }
            return (int)size;
        }
    }

    /// <summary>What is wrong with a space, each fault with the field it stands in.</summary>
    /// <param name="parameters">Any.</param>
    /// <param name="constraints">Any.</param>
    public static IEnumerable<(string Field, string Reason)> Faults(ImmutableArray<Parameter> parameters, ImmutableArray<LinearConstraint> constraints)
    {
        if (parameters.Length is 0 or > MaxParameters) yield return ("parameters", $"{parameters.Length} parameters; give 1 to {MaxParameters}.");
        for (var i = 0; i < parameters.Length; i++)
        {
            var (p, field) = (parameters[i], $"parameters[{i}]");
            if (string.IsNullOrWhiteSpace(p.Name)) yield return ($"{field}.name", "A parameter needs a name.");
            else if (parameters.Take(i).Any(other => other.Name == p.Name)) yield return ($"{field}.name", $"'{p.Name}' stands twice. Give each parameter a name of its own.");
            if (p.Kind == ParameterKind.Category)
            {
                if (p.Values.Distinct().Count() < 2) yield return ($"{field}.values", $"'{p.Name}' needs at least two different values to choose from.");
                else if (p.Values.Distinct().Count() < p.Values.Length) yield return ($"{field}.values", $"'{p.Name}' names a value twice.");
                continue;
            }
            if (!double.IsFinite(p.Low) || !double.IsFinite(p.High)) yield return ($"{field}.low", $"'{p.Name}' needs a smallest and a largest value.");
            else if (p.Low == p.High) yield return ($"{field}.low", $"'{p.Name}' has the one value {p.Low}. Leave it out, or widen the range.");
            else if (p.Low > p.High) yield return ($"{field}.low", $"'{p.Name}': the smallest value ({p.Low}) must be below the largest ({p.High}). Swap them.");
            if (p.Log && !(p.Low > 0)) yield return ($"{field}.log", $"'{p.Name}' is on a log scale and must begin above 0, not at {p.Low}.");
            else if (double.IsFinite(p.Low) && double.IsFinite(p.High) && p.Low < p.High && !double.IsFinite(p.Log ? p.High / p.Low : p.High - p.Low))
                yield return ($"{field}.low", $"'{p.Name}': from {p.Low} to {p.High} is further than can be computed with. Narrow the range.");
            if (p.Kind == ParameterKind.Whole && p.High - p.Low >= MaxLevels)
                yield return ($"{field}.low", $"'{p.Name}': from {p.Low} to {p.High} are more whole numbers than can be told apart. Narrow the range, or make it a real number.");
            if (p.Kind == ParameterKind.Whole && (p.Low != Math.Round(p.Low) || p.High != Math.Round(p.High)))
                yield return ($"{field}.low", $"'{p.Name}' takes whole numbers: its range must begin and end at one.");
        }
        for (var i = 0; i < constraints.Length; i++)
        {
            var (c, field) = (constraints[i], $"parameterConstraints[{i}]");
            if (c.Weights.IsEmpty) yield return (field, "A constraint needs a weight for at least one parameter.");
            if (!double.IsFinite(c.Bound) || c.Weights.Values.Any(w => !double.IsFinite(w))) yield return (field, "A weight or the bound is no number. Give one.");
            var least = 0.0;
            foreach (var (name, weight) in c.Weights)
            {
                if (parameters.FirstOrDefault(p => p.Name == name && p.Kind != ParameterKind.Category) is { } p) least += weight * (weight > 0 ? p.Low : p.High);
                else yield return (field, $"'{name}' is no numeric parameter of this space.");
            }
            if (least > c.Bound) yield return (field, $"The least its left side can be is {least}, which is above {c.Bound}: nothing is allowed. Raise the bound, or widen a range.");
        }
    }

    /// <summary>Values at a point, by name.</summary>
    /// <param name="point">d coordinates.</param>
    public ImmutableSortedDictionary<string, ParameterValue> Values(ReadOnlySpan<double> point)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ParameterValue>(StringComparer.Ordinal);
        for (var j = 0; j < Dimensions; j++) values[Parameters[j].Name] = Parameters[j].At(point[j]);
        return values.ToImmutable();
    }

    /// <summary>The point of named values.</summary>
    /// <param name="values">A value for each parameter; others are ignored.</param>
    /// <param name="fault">What is wrong with them; null when nothing.</param>
    /// <returns>Null when a value is missing, is none that its parameter takes, or a constraint is broken.</returns>
    public double[]? Point(IReadOnlyDictionary<string, ParameterValue> values, out string? fault)
    {
        var point = new double[Dimensions];
        fault = null;
        for (var j = 0; j < Dimensions; j++)
        {
            var p = Parameters[j];
            if (!values.TryGetValue(p.Name, out var value)) fault = $"'{p.Name}' has no value.";
            else if (double.IsNaN(point[j] = p.Of(value)))
                fault = $"'{p.Name}' is {value}; {(p.Kind == ParameterKind.Category ? $"give one of {string.Join(", ", p.Values)}" : $"give {(p.Kind == ParameterKind.Whole ? "a whole number" : "a number")} from {p.Low} to {p.High}")}.";
            if (fault is not null) return null;
        }
        if (Allows(point)) return point;
        fault = "The values break a constraint between the parameters.";
        return null;
    }

    /// <summary>Whether every constraint holds at a point.</summary>
    /// <param name="point">d coordinates.</param>
    public bool Allows(ReadOnlySpan<double> point)
    {
        foreach (var c in Constraints)
        {
            double sum = 0, size = Math.Abs(c.Bound);
            for (var j = 0; j < Dimensions; j++)
            {
                if (!c.Weights.TryGetValue(Parameters[j].Name, out var weight)) continue;
                var part = weight * Parameters[j].At(point[j]).Number;
                (sum, size) = (sum + part, Math.Max(size, Math.Abs(part)));
            }
            if (sum > c.Bound + Slack * size) return false;
        }
        return true;
    }

    /// <summary>Moves a point of uniform numbers onto values that the parameters take.</summary>
    /// <param name="point">d numbers in [0, 1), overwritten.</param>
    public void Snap(Span<double> point)
    {
        for (var j = 0; j < Dimensions; j++) point[j] = Parameters[j].Snap(point[j]);
    }

    /// <summary>Σ of squared breaches of the constraints, each relative to the range of its left side; with its gradient added.</summary>
    /// <param name="point">d coordinates.</param>
    /// <param name="scale">Factor of both.</param>
    /// <param name="gradient">Is added to.</param>
    internal double Penalty(ReadOnlySpan<double> point, double scale, Span<double> gradient)
    {
        var penalty = 0.0;
        foreach (var c in Constraints)
        {
            double sum = -c.Bound, range = 0;
            for (var j = 0; j < Dimensions; j++)
            {
                if (!c.Weights.TryGetValue(Parameters[j].Name, out var weight)) continue;
                sum += weight * Parameters[j].At(point[j]).Number;
                range += Math.Abs(weight) * (Parameters[j].High - Parameters[j].Low);
            }
            if (!(sum > 0)) continue;
            var breach = sum / range;
            penalty += scale * breach * breach;
            for (var j = 0; j < Dimensions; j++)
            {
                var p = Parameters[j];
                if (!c.Weights.TryGetValue(p.Name, out var weight) || p.Kind != ParameterKind.Real) continue;
                var slope = p.Log ? p.At(point[j]).Number * Math.Log(p.High / p.Low) : p.High - p.Low;
                gradient[j] += 2 * scale * breach * weight * slope / range;
            }
        }
        return penalty;
    }
}
