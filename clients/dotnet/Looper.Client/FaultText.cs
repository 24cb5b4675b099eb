namespace Looper.Client;

/// <summary>What an exception says, whoever wrote it: its message may be missing, or throw.</summary>
internal static class FaultText
{
    public static string Of(Exception fault)
    {
        try
        {
            if (fault.Message is { Length: > 0 } message) return message.TrimEnd('.');
        }
        catch (Exception)
        {
            // then its type has to do
        }
        return fault.GetType().Name;
    }
}
