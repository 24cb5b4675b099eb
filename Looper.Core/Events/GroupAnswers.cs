namespace Looper.Core.Events;

/// <summary>Tells the senders of a group what became of it: on the thread pool, one piece of work for many of them. Waking a thread for
/// each sender would cost more than the commit.</summary>
internal sealed class GroupAnswers
{
    private readonly Stack<Batch> _spare = new();

    public void Give(ReadOnlySpan<Append> group, bool stored)
    {
        // As many pieces as processors, so that none waits for all the others' answers to be written.
        var each = Math.Max(1, (group.Length + Environment.ProcessorCount - 1) / Environment.ProcessorCount);
        for (var from = 0; from < group.Length; from += each)
        {
            var batch = Spare();
            batch.Use(group[from..Math.Min(from + each, group.Length)], stored);
            ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
        }
    }

    private Batch Spare()
    {
        lock (_spare) return _spare.TryPop(out var spare) ? spare : new Batch(this);
    }

    private sealed class Batch(GroupAnswers owner) : IThreadPoolWorkItem
    {
        private readonly List<Append> _appends = [];
        private bool _stored;

        public void Use(ReadOnlySpan<Append> appends, bool stored)
        {
            _appends.AddRange(appends);
            _stored = stored;
        }

        public void Execute()
        {
            foreach (var append in _appends)
            {
                if (_stored) append.Answer();
                else append.Refuse(AppendStatus.Unavailable);
            }
            _appends.Clear();
            lock (owner._spare) owner._spare.Push(this);
        }
    }
}
