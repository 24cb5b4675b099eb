namespace Looper.Client.Delivery;

/// <summary>What the parcels of a line are.</summary>
/// <param name="Path">Where they are sent, from the address of Looper.</param>
/// <param name="Folder">Where in the folder of the spool they wait; empty for that folder itself.</param>
/// <param name="One">As a sentence begins with one of them.</param>
/// <param name="Several">Inside a sentence.</param>
/// <param name="All">As a sentence begins with them.</param>
internal sealed record Freight(string Path, string Folder, string One, string Several, string All)
{
    public static readonly Freight Observations = new("v1/observations/batch", "", "An observation", "observations", "Observations");

    public static readonly Freight Decisions = new("v1/decisions/made", "decisions", "A decision made here", "decisions made here", "Decisions made here");
}
