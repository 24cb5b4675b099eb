using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

/// <param name="Label">What moves it, with its value.</param>
/// <param name="Moves">By how much, up or down, in the axis's unit.</param>
public sealed record WaterfallStep(string Label, double Moves);

/// <summary>From one number to another in steps that add up, one bar under the other.</summary>
public sealed record WaterfallChart(string Question, Axis Axis, string StartLabel, double Start, ImmutableArray<WaterfallStep> Steps, string EndLabel) : Chart(Question)
{
    /// <summary>Where the steps lead.</summary>
    public double End => Start + Steps.Sum(step => step.Moves);

    public override ChartTable Table
    {
        get
        {
            var rows = ImmutableArray.CreateBuilder<ImmutableArray<string>>();
            var sum = Start;
            rows.Add([StartLabel, "", Tables.Write(sum, Axis)]);
            foreach (var step in Steps) rows.Add([step.Label, Move(step.Moves), Tables.Write(sum += step.Moves, Axis)]);
            rows.Add([EndLabel, "", Tables.Write(End, Axis)]);
            return new(["Step", "Moves it by", "Then"], rows.ToImmutable());
        }
    }

    internal string Move(double moves) => Axis.Kind == AxisKind.Percent
        ? Shown.Points(moves, double.NaN, double.NaN)
        : Shown.Difference(moves, double.NaN, double.NaN);
}
