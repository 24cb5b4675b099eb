namespace Looper.Core.Persistence;

/// <summary>The program must not start like this; the message tells the operator why and what to do.</summary>
public sealed class StartRefusedException : Exception
{
    public StartRefusedException(string message) : base(message) { }

    public StartRefusedException(string message, Exception inner) : base(message, inner) { }

    public StartRefusedException() { }
}
