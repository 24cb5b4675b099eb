using Looper.Core.Numerics;

namespace Looper.Core.Optimization;

/// <summary>Finds the point of a space where the next trial is expected to bring most.</summary>
/// <remarks>1,024 Sobol points and 64 disturbances of each of the best trials; the best eight are improved by quasi-Newton steps over the real
/// numbers, in turn with single steps over whole numbers and categories; small spaces are searched whole. Constraints between parameters
/// are a penalty on the way, and hold at the end.</remarks>
internal sealed class AcquisitionSearch(ParameterSpace space, Acquisition acquisition, Philox random)
{
    private const int Global = 1_024, Local = 64, Starts = 8, Steps = 100, Rounds = 5;
    private const double PenaltyScale = 1e4;
    private readonly int _d = space.Dimensions;

    /// <summary>Candidates, most promising first; all allowed by the space.</summary>
    /// <param name="around">Points of the best trials.</param>
    /// <param name="isFlat">Whether the acquisition says nothing: no two of the candidates differ by more than 10⁻⁶, or it is undefined.</param>
    public List<(double Value, double[] Point)> Run(IReadOnlyList<double[]> around, out bool isFlat)
    {
        var candidates = new List<(double Value, double[] Point)>();
        foreach (var point in Candidates(around))
            if (acquisition.Value(point, []) is var value && !double.IsNaN(value)) candidates.Add((value, point));
        isFlat = candidates.Count == 0 || candidates.Max(c => c.Value) - candidates.Min(c => c.Value) < 1e-6 || candidates.TrueForAll(c => double.IsNegativeInfinity(c.Value));
        candidates.Sort((a, b) => b.Value.CompareTo(a.Value));
        if (isFlat || space.Size > 0) return candidates;
        var improved = Spread(candidates).Select(Improve).ToList();
        improved.AddRange(candidates.Take(50)); // where an improved one stands on an old trial
        improved.Sort((a, b) => b.Value.CompareTo(a.Value));
        return improved;
    }

    private IEnumerable<double[]> Candidates(IReadOnlyList<double[]> around)
    {
        if (space.Size is > 0 and var size)
        {
            for (var number = 0; number < size; number++)
                if (Enumerated(number) is var each && space.Allows(each)) yield return each;
            yield break;
        }
        var sobol = new Sobol(_d, random);
        for (var i = 0u; i < Global; i++)
        {
            var point = new double[_d];
            sobol.Point(i, point);
            space.Snap(point);
            if (space.Allows(point)) yield return point;
        }
        foreach (var centre in around)
            for (var i = 0; i < Local; i++)
                if (Disturbed(centre) is var point && space.Allows(point)) yield return point;
    }

    private double[] Enumerated(int number)
    {
        var point = new double[_d];
        for (var j = 0; j < _d; j++)
        {
            var p = space.Parameters[j];
            var level = number % p.Levels;
            number /= (int)p.Levels;
            point[j] = p.Kind == ParameterKind.Category ? level : p.Of(new(p.Low + level));
        }
        return point;
    }

    private double[] Disturbed(double[] centre)
    {
        var point = (double[])centre.Clone();
        var size = 0.3 * Math.Pow(10, -3 * random.Uniform());
        var some = random.Below(2) == 0; // a few coordinates, or all
        for (var j = 0; j < _d; j++)
        {
            if (some && random.Uniform() > 2.0 / _d) continue;
            var p = space.Parameters[j];
            if (p.Kind == ParameterKind.Category) point[j] = random.Uniform() < 0.5 ? random.Below(p.Values.Length) : point[j];
            else point[j] = Math.Clamp(point[j] + size * random.Normal(), 0, 1);
            if (p.Kind == ParameterKind.Whole) point[j] = p.Of(p.At(point[j]));
        }
        return point;
    }

    // The best candidates that are not all in one place.
    private static List<(double Value, double[] Point)> Spread(List<(double Value, double[] Point)> sorted)
    {
        var chosen = new List<(double Value, double[] Point)>();
        foreach (var candidate in sorted)
        {
            if (chosen.Count == Starts) break;
            var crowd = chosen.Count(c => c.Point.Zip(candidate.Point, (a, b) => Math.Abs(a - b)).Max() < 0.02);
            if (crowd < 2) chosen.Add(candidate);
        }
        return chosen;
    }

    private (double Value, double[] Point) Improve((double Value, double[] Point) start)
    {
        var best = start;
        for (var round = 0; round < Rounds; round++)
        {
            var before = best.Value;
            best = Descend(best);
            best = Step(best);
            if (best.Value - before < 1e-9 || !space.Parameters.Any(p => p.Kind != ParameterKind.Real)) break;
        }
        return best;
    }

    private (double Value, double[] Point) Descend((double Value, double[] Point) from)
    {
        double[] low = new double[_d], high = new double[_d], point = (double[])from.Point.Clone();
        for (var j = 0; j < _d; j++) (low[j], high[j]) = space.Parameters[j].Kind == ParameterKind.Real ? (0, 1) : (point[j], point[j]);
        BoxLbfgs.Minimize((x, gradient) =>
        {
            var value = -acquisition.Value(x, gradient);
            for (var j = 0; j < _d; j++) gradient[j] = -gradient[j];
            return value + space.Penalty(x, PenaltyScale, gradient);
        }, point, low, high, Steps, 1e-6);
        if (!space.Allows(point)) point = PulledBack(from.Point, point);
        var value = acquisition.Value(point, []);
        return value > from.Value ? (value, point) : from;
    }

    // The last allowed point on the way from an allowed one.
    private double[] PulledBack(double[] allowed, double[] beyond)
    {
        double[] point = (double[])allowed.Clone(), middle = new double[_d];
        double low = 0, high = 1;
        for (var i = 0; i < 40; i++)
        {
            var t = (low + high) / 2;
            for (var j = 0; j < _d; j++) middle[j] = allowed[j] + t * (beyond[j] - allowed[j]);
            if (!space.Allows(middle)) high = t;
            else
            {
                low = t;
                middle.CopyTo(point, 0);
            }
        }
        return point;
    }

    // One pass over whole numbers and categories, each alone.
    private (double Value, double[] Point) Step((double Value, double[] Point) from)
    {
        var best = from;
        for (var j = 0; j < _d; j++)
        {
            var p = space.Parameters[j];
            if (p.Kind == ParameterKind.Real) continue;
            foreach (var coordinate in Neighbours(p, best.Point[j]).ToArray())
            {
                var point = (double[])best.Point.Clone();
                point[j] = coordinate;
                if (!space.Allows(point)) continue;
                var value = acquisition.Value(point, []);
                if (value > best.Value) best = (value, point);
            }
        }
        return best;
    }

    private static IEnumerable<double> Neighbours(Parameter p, double at)
    {
        if (p.Kind == ParameterKind.Category || p.Levels <= 16)
        {
            for (var level = 0; level < p.Levels; level++) yield return p.Kind == ParameterKind.Category ? level : p.Of(new(p.Low + level));
            yield break;
        }
        var value = p.At(at).Number;
        foreach (var step in (double[])[-1, 1, -2, 2, -5, 5])
            if (value + step >= p.Low && value + step <= p.High) yield return p.Of(new(value + step));
    }
}
