using System.Text.Json;

namespace Looper.Core.Events.Shipping;

/// <summary>Removals that the server has not followed yet, on disk, one a line. One is there from before the journal loses its first row
/// until the server has followed it, so neither a crash nor an outage of any length leaves the copy with what the journal lost.</summary>
internal sealed class RemovalFile(string folder)
{
    public const string Name = "removals.jsonl";

    private readonly string _path = Path.Combine(folder, Name);
    private readonly HashSet<long> _underWay = [];
    private readonly Lock _gate = new();

    private long _last;

    /// <summary>Takes every removal of a journal from now on: on disk before its first row goes.</summary>
    /// <returns>Ends that.</returns>
    public Action Follow(Journal source, TimeProvider clock)
    {
        Action<DateTimeOffset> Queue(RemovalOrder order)
        {
            var number = Begin(order.Until(clock.GetUtcNow()));
            return newest => End(number, order.Until(newest < clock.GetUtcNow() ? clock.GetUtcNow() : newest.AddTicks(1)).Before);
        }
        Func<RemovalOrder, Action<DateTimeOffset>> queue = Queue;
        source.Removing = queue;
        return () => source.Removing = source.Removing == queue ? null : source.Removing;
    }

    /// <summary>Takes over what lies in another folder: an order that is followed twice changes nothing.</summary>
    public void TakeOver(string folder)
    {
        lock (_gate)
        {
            foreach (var order in new RemovalFile(folder).Ended()) _underWay.Remove(Begin(order));
        }
    }

    /// <summary>The number by which to end it.</summary>
    private long Begin(RemovalOrder order)
    {
        lock (_gate)
        {
            var orders = Read();
            _last = Math.Max(_last, orders.Count == 0 ? 0 : orders.Max(o => o.Number)) + 1;
            Write([.. orders, order with { Number = _last }]);
            _underWay.Add(_last);
            return _last;
        }
    }

    /// <summary>The journal has removed what it will: rows up to this moment go from the copy too.</summary>
    private void End(long number, DateTimeOffset before)
    {
        lock (_gate)
        {
            _underWay.Remove(number); // first: should the disk be full now, the order as it stands is followed
            Write(Read().ConvertAll(o => o.Number == number ? o with { Before = before } : o));
        }
    }

    /// <summary>Those that the journal is done with, or that a crash cut short.</summary>
    public List<RemovalOrder> Ended()
    {
        lock (_gate) return Read().FindAll(o => !_underWay.Contains(o.Number));
    }

    /// <summary>Whether there is one that takes what was decided before its own end. What is too old is told by its age alone.</summary>
    public bool HasRecent
    {
        get
        {
            lock (_gate) return Read().Exists(o => o.Kind != RemovalKind.Old);
        }
    }

    public void Followed(long number)
    {
        lock (_gate) Write(Read().FindAll(o => o.Number != number));
    }

    private List<RemovalOrder> Read() =>
        File.Exists(_path) ? [.. File.ReadAllLines(_path).Select(l => JsonSerializer.Deserialize<RemovalOrder>(l)!)] : [];

    private void Write(List<RemovalOrder> orders)
    {
        if (orders.Count == 0)
        {
            File.Delete(_path);
            return;
        }
        using (var stream = new FileStream(_path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            foreach (var order in orders)
            {
                JsonSerializer.Serialize(stream, order);
                stream.WriteByte((byte)'\n');
            }
            stream.Flush(flushToDisk: true);
        }
        File.Move(_path + ".tmp", _path, overwrite: true);
    }
}
