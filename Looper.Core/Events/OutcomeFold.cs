using Looper.Core.Blueprints;

namespace Looper.Core.Events;

/// <summary>Several observations of one outcome on their way to one value, always folded the same way. Does not depend on the order they are given in.</summary>
internal struct OutcomeFold
{
    public const int Bytes = 16;

    private double _value;
    private long _more; // of the first or last, its time; else how many there were; 0 while empty

    public readonly bool IsEmpty => _more == 0;

    /// <summary>Observations so far; not known of the first or last.</summary>
    public readonly long Count => _more;

    /// <param name="at">When it happened; of two at the same tick the larger value is taken for the later.</param>
    public void Add(Aggregation aggregation, double value, long at)
    {
        var isTimed = aggregation is Aggregation.First or Aggregation.Last;
        if (IsEmpty)
        {
            (_value, _more) = (aggregation == Aggregation.Any ? Flag(value) : value, isTimed ? Math.Max(at, 1) : 1);
            return;
        }
        if (!isTimed) _more++;
        switch (aggregation)
        {
            case Aggregation.First when at < _more || (at == _more && value < _value):
            case Aggregation.Last when at > _more || (at == _more && value > _value):
                (_value, _more) = (value, Math.Max(at, 1));
                break;
            case Aggregation.Max:
                _value = Math.Max(_value, value);
                break;
            case Aggregation.Sum or Aggregation.Mean:
                _value += value;
                break;
            case Aggregation.Any:
                _value = Math.Max(_value, Flag(value));
                break;
        }
    }

    /// <summary>NaN when nothing came.</summary>
    public readonly double Value(Aggregation aggregation) =>
        IsEmpty ? double.NaN : aggregation == Aggregation.Mean ? _value / _more : _value;

    private static double Flag(double value) => value != 0 ? 1 : 0;
}
