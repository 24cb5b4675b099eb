namespace Looper.Core.Learning.Trees;

/// <summary>The best cut found so far while the candidates of one column pass by.</summary>
internal struct Scan
{
    private readonly FixedGradients _gradients;
    private readonly double _l1, _l2, _minHessian, _minGain, _low, _high, _nodeGain, _totalG, _totalH;
    private readonly long _sumG, _sumH;
    private readonly int _minRows, _rows, _column, _sign;
    private readonly bool _bounded;
    private Split _best;

    public Scan(LearnerSettings settings, FixedGradients gradients, Leaf leaf, int column)
    {
        (_gradients, _column, _sumG, _sumH) = (gradients, column, leaf.Gradient, leaf.Hessian);
        (_l1, _l2, _minHessian, _minRows) = (settings.L1, settings.L2, settings.MinLeafHessian, Math.Max(1, settings.MinLeafRows));
        (_low, _high, _bounded) = (leaf.Low, leaf.High, settings.Monotone.Length > 0);
        _sign = _bounded ? settings.Monotone[column] : 0;
        (_totalG, _totalH, _rows) = (gradients.Gradient(_sumG), gradients.Hessian(_sumH), gradients.Rows(_sumH));
        _nodeGain = Gain(_totalG, _totalH, _l2, Value(_totalG, _totalH, _l2));
        _minGain = settings.MinGain + 1e-10 * Math.Abs(_nodeGain);
    }

    public readonly Split Best => _best;

    /// <summary>Rows a level needs to be considered by itself.</summary>
    public readonly int MinLevelRows => Math.Min(_minRows, 100);

    public void TryNumber(long g, long h, int bin, bool missingLeft, bool anyMissing)
    {
        if (!Improves(g, h, _l2)) return;
        (_best.Bin, _best.MissingLeft) = (bin, anyMissing ? missingLeft : IsHeavier(h));
    }

    public void TryLevels(long g, long h, ReadOnlySpan<int> bins, double extraL2, bool anyMissing)
    {
        if (!Improves(g, h, _l2 + extraL2)) return;
        (_best.Bin, _best.MissingLeft, _best.Set) = (-1, anyMissing ? bins.Contains(0) : IsHeavier(h), default);
        foreach (var bin in bins) if (bin > 0) _best.Set.Add(bin - 1);
    }

    // missing values, and categories never seen, follow the heavier side where the leaf has none to learn from
    private readonly bool IsHeavier(long h) => 2 * _gradients.Hessian(h) >= _totalH;

    private bool Improves(long g, long h, double l2)
    {
        var rows = _gradients.Rows(h);
        if (rows < _minRows || _rows - rows < _minRows) return false;
        double leftH = _gradients.Hessian(h), rightH = _gradients.Hessian(_sumH - h);
        if (leftH < _minHessian || rightH < _minHessian) return false;
        double leftG = _gradients.Gradient(g), rightG = _gradients.Gradient(_sumG - g);
        double left = Value(leftG, leftH, l2), right = Value(rightG, rightH, l2);
        if (_sign * (right - left) < 0) return false;
        var gain = Gain(leftG, leftH, l2, left) + Gain(rightG, rightH, l2, right) - _nodeGain - _minGain;
        if (!(gain > _best.Gain) || double.IsPositiveInfinity(gain)) return false; // of labels whose squares are no numbers any more nothing can be told
        (_best.Gain, _best.Column, _best.LeftGradient, _best.LeftHessian) = (gain, _column, g, h);
        (_best.LeftValue, _best.RightValue) = (left, right);
        return true;
    }

    private readonly double Value(double g, double h, double l2)
    {
        var value = -Thresholded(g) / (h + l2);
        return _bounded ? Math.Clamp(value, _low, _high) : value;
    }

    // The fall of the loss when a leaf takes this value; at the best value this is ½·T(G)²/(H+λ).
    private readonly double Gain(double g, double h, double l2, double value) =>
        -(g * value + 0.5 * (h + l2) * value * value + _l1 * Math.Abs(value));

    private readonly double Thresholded(double g) => _l1 == 0 ? g : Math.Sign(g) * Math.Max(0, Math.Abs(g) - _l1);
}
