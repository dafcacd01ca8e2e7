// The verifier writes bytes as Node does; a browser gets the same class from npm.
export { Buffer } from "buffer";
