using System.Collections.Immutable;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Charts;

/// <summary>A number over two axes (K26): shades and contour lines over numbers, tiles where an axis has categories.</summary>
/// <param name="XAxis">Across.</param>
/// <param name="YAxis">Upwards.</param>
/// <param name="ValueAxis">What the shade means, and how its numbers are written.</param>
/// <param name="X">Places across: numbers in plain text, or words.</param>
/// <param name="Y">Places upwards, likewise.</param>
/// <param name="Values">A row for each of <paramref name="Y"/>, a number for each of <paramref name="X"/>.</param>
public sealed record SurfaceChart(
    string Question, Axis XAxis, Axis YAxis, Axis ValueAxis, ImmutableArray<string> X, ImmutableArray<string> Y, ImmutableArray<ImmutableArray<double>> Values) : Chart(Question)
{
    /// <summary>Marks on it: <see cref="SurfacePoint.X"/> and Y as in the axes.</summary>
    public ImmutableArray<SurfacePoint> Points { get; init; } = [];

    /// <summary>Places that cannot be taken, by row and column: hatched. Empty for none.</summary>
    public ImmutableArray<ImmutableArray<bool>> Hatched { get; init; } = [];

    /// <summary>What the hatching means.</summary>
    public string? HatchedMeans { get; init; }

    internal bool IsHatched(int row, int column) => !Hatched.IsEmpty && Hatched[row][column];

    public override ChartTable Table => new([$"{YAxis.Title} \\ {XAxis.Title}", .. X.Select(x => Place(x, XAxis))],
        [.. Y.Select((y, i) => (ImmutableArray<string>)[Place(y, YAxis), .. Values[i].Select((v, j) => Tables.Write(v, ValueAxis) + (IsHatched(i, j) ? " ✕" : ""))])]);

    internal static string Place(string text, Axis axis) =>
        axis.Kind != AxisKind.Category && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? Tables.Write(number, axis) : text;
}

/// <summary>A mark on a surface.</summary>
/// <param name="IsBaseline">What is done today.</param>
public sealed record SurfacePoint(string Label, string X, string Y, bool IsBaseline = false);
