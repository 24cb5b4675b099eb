namespace Looper.Client.Delivery;

/// <summary>What is brought to Looper: an observation, or a decision made in this process.</summary>
/// <param name="Number">Rises in the order they were taken; 0 of those that an earlier client left.</param>
/// <param name="After">Number of the parcel that was taken last, before it, into the line that goes first; 0 for none.</param>
/// <param name="Json">As it is sent.</param>
/// <param name="File">Where it is on disk too; null where it is in memory only.</param>
internal sealed record Parcel(long Number, long After, byte[] Json, SpoolFile? File);
