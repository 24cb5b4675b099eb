using Looper.Core.Optimization;

namespace Looper.Core.Studies;

/// <summary>Slices and contours of what a study has learned. Pure.</summary>
public static class StudySurface
{
    private const int SlicePoints = 41, ContourPoints = 25;

    /// <returns>Null when the parameter or metric is none of the study's, or nothing is measured.</returns>
    public static Slice? SliceOf(StudyAnalysis analysis, string parameter, string metric)
    {
        if (At(analysis, parameter) is not (>= 0 and var j) || analysis.Surrogates is not { } surrogates || !analysis.Problem.Metrics.Contains(metric)) return null;
        var centre = Centre(surrogates);
        var grid = Grid(analysis.Problem.Space.Parameters[j], SlicePoints);
        var predictions = grid.Select(u => surrogates[metric].At(With(centre, (j, u)))).ToArray();
        return new(parameter, metric, [.. grid.Select(u => analysis.Problem.Space.Parameters[j].At(u))], [.. predictions.Select(p => p.Mean)], [.. predictions.Select(p => p.Deviation)],
            [.. grid.Select(u => surrogates.Feasibility(With(centre, (j, u)).AsSpan()))], analysis.Problem.Space.Values(centre).Remove(parameter), Measured(surrogates, metric, parameter, null));
    }

    /// <returns>Null when a parameter or metric is none of the study's, or nothing is measured.</returns>
    public static Contour? ContourOf(StudyAnalysis analysis, string x, string y, string metric)
    {
        var (i, j) = (At(analysis, x), At(analysis, y));
        if (i < 0 || j < 0 || i == j || analysis.Surrogates is not { } surrogates || !analysis.Problem.Metrics.Contains(metric)) return null;
        var centre = Centre(surrogates);
        var parameters = analysis.Problem.Space.Parameters;
        double[] across = Grid(parameters[i], ContourPoints), up = Grid(parameters[j], ContourPoints);
        var points = up.Select(v => across.Select(u => With(centre, (i, u), (j, v))).ToArray()).ToArray();
        return new(x, y, metric, [.. across.Select(parameters[i].At)], [.. up.Select(parameters[j].At)],
            [.. points.Select(row => row.Select(p => surrogates[metric].At(p).Mean).ToArray())], [.. points.Select(row => row.Select(p => surrogates[metric].At(p).Deviation).ToArray())],
            [.. points.Select(row => row.Select(p => surrogates.Feasibility(p.AsSpan())).ToArray())],
            analysis.Problem.Space.Values(centre).Remove(x).Remove(y), Measured(surrogates, metric, x, y));
    }

    private static SurfaceTrial[] Measured(Surrogates surrogates, string metric, string x, string? y) => [.. surrogates.Live.Select(t =>
    {
        var values = surrogates.Problem.Space.Values(t.Point.AsSpan());
        return new SurfaceTrial(t.Number, values[x], y is null ? null : values[y], new(t.Metrics[metric].Mean, t.Metrics[metric].StandardError));
    })];

    private static int At(StudyAnalysis analysis, string parameter)
    {
        for (var j = 0; j < analysis.Problem.Space.Dimensions; j++)
            if (analysis.Problem.Space.Parameters[j].Name == parameter) return j;
        return -1;
    }

    private static double[] Centre(Surrogates surrogates) => [.. Standing.Best(surrogates, 1).First().Point];

    private static double[] With(double[] centre, params ReadOnlySpan<(int J, double U)> changes)
    {
        var point = (double[])centre.Clone();
        foreach (var (j, u) in changes) point[j] = u;
        return point;
    }

    private static double[] Grid(Parameter p, int count) => p.Kind == ParameterKind.Category ? [.. Enumerable.Range(0, p.Values.Length).Select(v => (double)v)]
        : p.Kind == ParameterKind.Whole && p.Levels <= count ? [.. Enumerable.Range(0, (int)p.Levels).Select(v => p.Of(new(p.Low + v)))]
        : [.. Enumerable.Range(0, count).Select(v => p.Kind == ParameterKind.Whole ? p.Of(p.At(v / (count - 1.0))) : v / (count - 1.0)).Distinct()];
}
