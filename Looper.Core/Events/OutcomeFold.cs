using Looper.Core.Blueprints;

namespace Looper.Core.Events;

/// <summary>Several observations of one outcome on their way to one value. Does not depend on the order they are given in.</summary>
internal struct OutcomeFold
{
    private int _count;
    private double _value;
    private long _at;

    public readonly bool IsEmpty => _count == 0;

    /// <summary>Observations so far.</summary>
    public readonly int Count => _count;

    /// <param name="at">When it happened; of two at the same tick the larger value is taken for the later.</param>
    public void Add(Aggregation aggregation, double value, long at)
    {
        if (_count++ == 0)
        {
            (_value, _at) = (aggregation == Aggregation.Any ? Flag(value) : value, at);
            return;
        }
        switch (aggregation)
        {
            case Aggregation.First when at < _at || (at == _at && value < _value):
            case Aggregation.Last when at > _at || (at == _at && value > _value):
                (_value, _at) = (value, at);
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
        _count == 0 ? double.NaN : aggregation == Aggregation.Mean ? _value / _count : _value;

    private static double Flag(double value) => value != 0 ? 1 : 0;
}
