using System.Collections.Immutable;

namespace Looper.Core.Optimization;

/// <summary>What a Gaussian process learns from: one row a measured trial.</summary>
/// <param name="Dimensions">d ≥ 1, parameters.</param>
/// <param name="Points">n × d, row-major: coordinates in the unit cube, categories as the number of their value.</param>
/// <param name="Values">n measured values, any unit.</param>
/// <param name="Noise">n variances of their errors, in the unit squared; 0 = exact, NaN = not known.</param>
/// <param name="Categorical">d flags: is the coordinate a category?</param>
public sealed record ProcessData(int Dimensions, double[] Points, double[] Values, double[] Noise, ImmutableArray<bool> Categorical)
{
    /// <summary>n tasks: 0 = live, 1 = offline. Empty: all live.</summary>
    public ImmutableArray<int> Tasks { get; init; } = [];

    /// <summary>n groups of trials that were compared with the same control; −1 = none. Empty: none.</summary>
    public ImmutableArray<int> Groups { get; init; } = [];

    /// <summary>Variance that every two rows of a group share (the control's), beside what each has of its own.</summary>
    public ImmutableArray<double> SharedNoise { get; init; } = [];

    /// <summary>n.</summary>
    public int Count => Values.Length;

    /// <summary>Whether no row has an error.</summary>
    public bool IsExact => Array.TrueForAll(Noise, s => s == 0);

    /// <summary>Row i of the points.</summary>
    /// <param name="i">From 0.</param>
    public ReadOnlySpan<double> Point(int i) => Points.AsSpan(i * Dimensions, Dimensions);

    /// <summary>Task of row i.</summary>
    /// <param name="i">From 0.</param>
    public int Task(int i) => Tasks.IsEmpty ? 0 : Tasks[i];

    /// <summary>Whether there are offline rows.</summary>
    public bool HasOffline => Tasks.Contains(1);

    /// <summary>Only the rows named, in that order.</summary>
    /// <param name="rows">Row numbers.</param>
    public ProcessData Rows(IReadOnlyList<int> rows) => this with
    {
        Points = [.. rows.SelectMany(i => Point(i).ToArray())], Values = [.. rows.Select(i => Values[i])], Noise = [.. rows.Select(i => Noise[i])],
        Tasks = Tasks.IsEmpty ? [] : [.. rows.Select(i => Tasks[i])], Groups = Groups.IsEmpty ? [] : [.. rows.Select(i => Groups[i])],
        SharedNoise = SharedNoise.IsEmpty ? [] : [.. rows.Select(i => SharedNoise[i])],
    };
}
