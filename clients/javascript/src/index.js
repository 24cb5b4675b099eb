export { LooperClient } from './client.js';
